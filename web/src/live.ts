import { connect, Rejection, type Room } from "@client";
import { note } from "@kit/announcer.svelte.ts";
import { onDestroy } from "svelte";
import { renew } from "./session.svelte.ts";

/**
 * Enter a room for as long as the component lives. Comes back at once when the network or the page does.
 * `purpose`: what the page is for. A second page of the same purpose takes the seat's connection over; one of another
 * purpose (a host's dashboard and projector) stands beside it.
 */
export function useRoom<Commands extends object = Record<string, unknown>, Public = unknown, Shared = unknown, Private = unknown>(
  id: string,
  purpose = "play",
): Room<Commands, Public, Shared, Private> {
  const room = connect<Commands, Public, Shared, Private>({ url: location.origin, room: id, device: `${browser()}-${purpose}`, renew });
  const back = (): void => {
    if (document.visibilityState === "visible") room.retryNow();
  };
  const away = (): void => room.doubt();
  addEventListener("online", back);
  addEventListener("offline", away);
  document.addEventListener("visibilitychange", back);
  onDestroy(() => {
    removeEventListener("online", back);
    removeEventListener("offline", away);
    document.removeEventListener("visibilitychange", back);
    room.close();
  });
  return room;
}

/** Await a command and say it when it was refused; whether it took effect. */
export async function attempt(command: Promise<unknown>): Promise<boolean> {
  try {
    await command;
    return true;
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    if (error.code !== "left") note(error.message, "bad");
    return false;
  }
}

/** A random name for this browser, so that a second one of the same user replaces nothing. */
function browser(): string {
  try {
    const known = localStorage.getItem("device");
    if (known) return known;
    const fresh = crypto.getRandomValues(new Uint8Array(12)).reduce((text, byte) => text + byte.toString(16).padStart(2, "0"), "");
    localStorage.setItem("device", fresh);
    return fresh;
  } catch {
    return "unnamed";
  }
}
