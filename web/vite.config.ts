import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { texts } from "./scripts/texts.mjs";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const SERVER = "http://127.0.0.1:8000";
const DATA = ["api", "auth", "rooms", "codes", "apps", "health", "time", "admin/rooms", "admin/health"];

export default defineConfig({
  plugins: [texts(), svelte()],
  resolve: { alias: { "@kit": path("kit"), "@client": path("../clients/typescript/src/index.ts") } },
  build: {
    outDir: path("../src/gamekeeper/pages"),
    emptyOutDir: true,
    // The policy allows files of our own origin only: nothing inlined as data: or as a script in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // Phones of a few years ago: light-dark() is written out for them.
    cssTarget: ["chrome111", "safari16.4", "firefox114"],
  },
  server: {
    port: 5173,
    fs: { allow: [path(".."), path(".")] },
    proxy: Object.fromEntries(DATA.map((prefix) => [`/${prefix}`, { target: SERVER, ws: true }])),
  },
});
