import type { Plugin } from "vite";
type Forms = string | Readonly<Record<string, string>>;
export function compared(language: string, messages: Record<string, Forms>, original: Record<string, Forms>): string[];
export function named(source: string, speak: string): { whole: string[]; begun: string[] };
export function bareWords(source: string): string[];
export function everything(web: string): string[];
export function texts(): Plugin;
