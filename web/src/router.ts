/** Addresses to pages. A page is loaded when it is first visited. */

export type Params = Readonly<Record<string, string>>;

export interface Route<Page> {
  /** `/chsh/:room/host` */
  pattern: string;
  load: () => Promise<Page>;
  /** Its texts come in every language. */
  translated?: boolean;
}

/** The first route that fits the path, with what its `:names` stand for; null: none does. */
export function match<Page>(routes: readonly Route<Page>[], path: string): { route: Route<Page>; params: Params } | null {
  for (const route of routes) {
    const params = fit(route.pattern, path);
    if (params) return { route, params };
  }
  return null;
}

function fit(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = decode(given[index] ?? "");
    if (part.startsWith(":")) params[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
