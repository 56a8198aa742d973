import { Http, Rejection, type User } from "@client";

/** The server this page came from. The login is a cookie that no script can read. */
export const http = new Http();

/** Who we are: undefined while not asked yet, null: nobody. */
export const session = $state<{ user: User | null | undefined }>({ user: undefined });

const REMEMBERED = "signed-in";

/** Ask who the cookie speaks for, renewing it if it has expired. Asks nothing of a browser that never signed in. */
export async function whoAmI(): Promise<User | null> {
  if (session.user !== undefined) return session.user;
  session.user = remembered() ? await withRenewal(() => http.me()).catch(nobody) : null;
  return session.user;
}

function nobody(error: unknown): null {
  if (error instanceof Rejection && error.code === "unauthenticated") {
    forget();
    return null;
  }
  throw error;
}

/** Do what needs a login; if it has expired, renew it and do it again. */
export async function withRenewal<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof Rejection) || error.code !== "unauthenticated" || !(await renew())) throw error;
    return request();
  }
}

let renewing: Promise<boolean> | null = null;

/** Exchange the refresh cookie, once for all who ask meanwhile (each one works once). */
export function renew(): Promise<boolean> {
  renewing ??= http
    .refresh()
    .then((user) => Boolean((session.user = user)))
    .catch((error: unknown) => {
      if (error instanceof Rejection && error.code === "unreachable") throw error;
      return false;
    })
    .finally(() => (renewing = null));
  return renewing;
}

export async function become(entry: Promise<User>): Promise<User> {
  const user = await entry;
  session.user = user;
  try {
    localStorage.setItem(REMEMBERED, "yes");
  } catch {
    // Without storage we shall ask for the name again; the cookie still works.
  }
  return user;
}

export async function signOut(): Promise<void> {
  await http.logout();
  forget();
  session.user = null;
}

function remembered(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) !== null;
  } catch {
    return true;
  }
}

function forget(): void {
  try {
    localStorage.removeItem(REMEMBERED);
  } catch {
    // There is nothing to forget.
  }
}
