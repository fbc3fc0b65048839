/** When a call is made again, and how long to wait before it. Times are in seconds. */
export interface Retries {
  /** How often a call is made, the first included. */
  readonly attempts: number;
  readonly firstWait: number;
  /** A server that asks for more is not asked again; the error says when it may be. */
  readonly longestWait: number;
  readonly sleep: (seconds: number) => Promise<void>;
}

export const RETRIES: Retries = {
  attempts: 4,
  firstWait: 0.5,
  longestWait: 60,
  sleep: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
};

export const AGAIN: ReadonlySet<number> = new Set([429, 503]);

/** Seconds until the next attempt, undefined when there is none. `asked` is what the server wants. */
export function waitFor(retries: Retries, tried: number, asked: number | undefined): number | undefined {
  if (tried >= retries.attempts || (asked !== undefined && asked > retries.longestWait)) {
    return undefined;
  }
  const most = Math.min(retries.firstWait * 2 ** (tried - 1), retries.longestWait);
  return asked ?? most * (0.5 + Math.random() / 2);
}

/** A `Retry-After` field in seconds from now (RFC 9110, section 10.2.3); undefined where it is absent or cannot be read. */
export function secondsOf(retryAfter: string | null): number | undefined {
  const text = (retryAfter ?? "").trim();
  if (/^[0-9]+$/.test(text)) {
    return Number(text.slice(0, 9));
  }
  const time = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, (time - Date.now()) / 1000);
}
