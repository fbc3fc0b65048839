/** Which calls are retried, and the waits between attempts, in seconds. */
export interface Retries {
  /** The number of attempts, the first included. */
  readonly attempts: number;
  readonly firstWait: number;
  /** If the server asks for more, there is no retry; the error has the time. */
  readonly longestWait: number;
  readonly sleep: (seconds: number) => Promise<void>;
}

export const RETRIES: Retries = {
  attempts: 4,
  firstWait: 0.5,
  longestWait: 60,
  sleep: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
};

export const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Seconds until the next attempt, undefined for no retry. `retryAfter` is the demand of the server. */
export function waitFor(retries: Retries, attempt: number, retryAfter: number | undefined): number | undefined {
  if (attempt >= retries.attempts || (retryAfter !== undefined && retryAfter > retries.longestWait)) {
    return undefined;
  }
  const longest = Math.min(retries.firstWait * 2 ** (attempt - 1), retries.longestWait);
  return retryAfter ?? longest * (0.5 + Math.random() / 2);
}

/** A `Retry-After` header in seconds from now (RFC 9110, section 10.2.3); undefined if it is absent or invalid. */
export function secondsOf(retryAfter: string | null): number | undefined {
  const text = (retryAfter ?? "").trim();
  if (/^[0-9]+$/.test(text)) {
    return Number(text.slice(0, 9));
  }
  const time = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, (time - Date.now()) / 1000);
}
