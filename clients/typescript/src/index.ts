export { applyPatch, PatchError } from "./patch.ts";
export { Rejection } from "./rejection.ts";
export { connect, Room, type ConnectionState, type Ending, type RoomOptions, type RoomState } from "./room.ts";
export { Http, type AppInfo, type HttpOptions, type Invitation, type RoomInfo, type SeatInfo, type User } from "./http.ts";
export type { SocketConstructor, SocketLike } from "./socket.ts";
export type { Timers } from "./timers.ts";
export type * from "./messages.ts";
export { MAX_UNANSWERED } from "./messages.ts";
export { MAX_QUEUED } from "./replica.ts";
