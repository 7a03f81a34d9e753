// Speaks with the server; tells apart what heals by itself, what needs a login and what needs a person.

/** The server or the network is away; the same request may be sent again. */
export class Offline extends Error {}

/** The session ran out; the same request may be sent again after a login. */
export class Expired extends Error {}

/** The server understood and says no; `problem` says why. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? String(status));
    this.status = status;
    this.problem = problem;
  }

  get stale() {
    return this.problem.code === "conflict.stale";
  }

  get held() {
    return this.problem.code === "conflict.held";
  }
}

const AWAY = new Set([502, 503, 504]);

async function ask(address, options) {
  try {
    return await fetch(address, { redirect: "error", ...options });
  } catch {
    throw new Offline();
  }
}

async function check(answer) {
  if (answer.ok) {
    return;
  }
  if (answer.status === 401) {
    throw new Expired();
  }
  if (AWAY.has(answer.status)) {
    throw new Offline();
  }
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, problem);
}

/** Send JSON to the API and give the JSON of the answer, null where it has none. */
export async function call(method, path, { body, version, keepalive, background } = {}) {
  const headers = {};
  if (background) {
    headers["X-Background"] = "1"; // nobody is at work: keeps no session alive
  }
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  if (version !== undefined) {
    headers["If-Match"] = `"${version}"`;
  }
  const answer = await ask(`/api/v1${path}`, {
    method,
    headers,
    keepalive,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  await check(answer);
  return answer.status === 204 ? null : answer.json();
}

/** A part of a page, as the server renders it. */
export async function part(address) {
  const answer = await ask(address, {});
  await check(answer);
  const text = await answer.text();
  return new DOMParser().parseFromString(text, "text/html").querySelector(".sheet");
}

export const language = document.documentElement.lang;
