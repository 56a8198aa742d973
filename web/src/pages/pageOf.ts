import type { AppInfo, Role } from "@client";

/** The address where a member of a room belongs. Without the application: the table view that shows any room. */
export function pageOf(apps: readonly AppInfo[], room: { id: string; app: string; role: Role | null }): string {
  const app = apps.find(({ name }) => name === room.app);
  const pattern = (room.role === "host" && app?.host_page) || (room.role === "spectator" && app?.spectator_page) || app?.page;
  return (pattern || "/room/{room}").replace("{room}", encodeURIComponent(room.id));
}
