/** Where the browser is, reactively, and how to go elsewhere without loading the page anew. */
export const here = $state({ path: location.pathname, search: location.search });

function arrived(): void {
  here.path = location.pathname;
  here.search = location.search;
}

export function go(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  arrived();
  scrollTo(0, 0);
}

/** Links of our own pages are followed here; everything else is left to the browser. */
function clicked(event: MouseEvent): void {
  const link = (event.target as Element).closest?.("a");
  const special = event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (!link || special || link.target || link.origin !== location.origin || link.hasAttribute("download")) return;
  if (link.pathname.startsWith("/api/") || link.pathname === "/docs" || link.pathname === "/openapi.json") return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
}

addEventListener("popstate", arrived);
addEventListener("click", clicked);
