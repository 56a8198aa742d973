import type { Component } from "svelte";
import type { Route } from "./router.ts";

/** Gets `params`, whatever of them it wants. */
export type Page = { default: Component<any> };

/** Every page, in the order they are tried. Each application is a chunk of its own. */
export const routes: readonly Route<Page>[] = [
  { pattern: "/", load: () => import("./pages/Home.svelte") },
  { pattern: "/sign-in", load: () => import("./pages/SignIn.svelte") },
  { pattern: "/join", load: () => import("./pages/Join.svelte"), translated: true },
  { pattern: "/join/:code", load: () => import("./pages/Join.svelte"), translated: true },
  { pattern: "/room/:room", load: () => import("./pages/RoomPage.svelte") },
  { pattern: "/admin", load: () => import("./admin/Admin.svelte") },
  { pattern: "/admin/room/:room", load: () => import("./admin/AdminRoom.svelte") },
  { pattern: "/chsh/rules", load: () => import("./chsh/Rules.svelte") },
  { pattern: "/chsh/wall", load: () => import("./chsh/Wall.svelte") },
  { pattern: "/chsh/:room", load: () => import("./chsh/Player.svelte") },
  { pattern: "/chsh/:room/host", load: () => import("./chsh/Host.svelte") },
  { pattern: "/chsh/:room/projector", load: () => import("./chsh/Projector.svelte") },
  { pattern: "/quiz/:room", load: () => import("./quiz/Player.svelte"), translated: true },
  { pattern: "/quiz/:room/host", load: () => import("./quiz/Host.svelte"), translated: true },
  { pattern: "/quiz/:room/edit", load: () => import("./quiz/Editor.svelte"), translated: true },
  { pattern: "/quiz/:room/report", load: () => import("./quiz/Report.svelte"), translated: true },
  { pattern: "/quiz/:room/screen", load: () => import("./quiz/Screen.svelte"), translated: true },
  { pattern: "/quiz/:room/remote", load: () => import("./quiz/Presenter.svelte"), translated: true },
  { pattern: "/quiz/:room/moderate", load: () => import("./quiz/Moderator.svelte"), translated: true },
  { pattern: "/chsh/:room/archive", load: () => import("./chsh/Archive.svelte") },
];
