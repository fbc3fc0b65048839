/** Iteration over the items of a list, page by page. */
import type { CallOptions, Caller, InnerOptions, Operation, Parts } from "./calls.js";
import { SdkError, valueAt } from "./problems.js";

export interface Paging {
  readonly kind: "page" | "offset" | "cursor" | "link";
  /** The query parameter that selects the page. */
  readonly parameter: string;
  readonly items: readonly string[];
  readonly total?: readonly string[];
  readonly cursor?: readonly string[];
  /** A value that is false or null on the last page. */
  readonly more?: readonly string[];
  /** A value that is true on the last page. */
  readonly last?: readonly string[];
  /** The query parameter of which `parameter` is a property. */
  readonly within?: string;
  /** Whether the value at `cursor` is the URL of the next page. */
  readonly isCursorInLink?: boolean;
  readonly first: number;
}

/** Ends at an empty page, when the total is reached, without a next page, or when a page equals the previous one. */
export async function* pages<Item>(
  caller: Caller,
  operation: Operation,
  paging: Paging,
  input: Parts = {},
  options: CallOptions = {},
): AsyncGenerator<Item, void, undefined> {
  let position: unknown = paging.kind === "page" || paging.kind === "offset" ? startOf(paging, input) : undefined;
  let itemCount = 0;
  let previous = "";
  for (;;) {
    const last: { response?: Response } = {};
    const onResponse = (response: Response) => {
      last.response = response;
      options.onResponse?.(response);
    };
    const inner: InnerOptions = { ...options, onResponse, ...(paging.kind === "link" && position !== undefined ? { url: (address: string) => sameServer(String(position), address) } : {}) };
    const query = position === undefined || paging.kind === "link" ? input.query : movedTo(paging, input, position);
    const page = await caller.$call(operation, query === undefined ? input : { ...input, query }, inner);
    const list = valueAt(page, paging.items);
    const items = (Array.isArray(list) ? list : []) as Item[];
    const text = JSON.stringify(page, (_, value) => (typeof value === "bigint" ? String(value) : value)) ?? "";
    if (text === previous || (items.length === 0 && typeof position === "number")) {
      return;
    }
    yield* items;
    itemCount += items.length;
    const next = nextOf(paging, page, position, items.length, last.response);
    if (next === undefined || isComplete(paging, page, position, items.length, itemCount)) {
      return;
    }
    position = next;
    previous = text;
  }
}

/** The query with another position. */
function movedTo({ parameter, within }: Paging, { query }: Parts, position: unknown): object {
  const moved = { ...valuesWith(within, query), [parameter]: position };
  return within === undefined ? moved : { ...query, [within]: moved };
}

/** The values among which the position is: those of the query, or of one parameter. */
function valuesWith(within: string | undefined, query: object | undefined): Record<string, unknown> {
  return (within === undefined ? query : valueAt(query, [within])) as Record<string, unknown>;
}

/** The position that the caller asks for, or the first one. */
function startOf(paging: Paging, input: Parts): unknown {
  const given: unknown = valuesWith(paging.within, input.query)?.[paging.parameter];
  return given === undefined ? paging.first : Number(given);
}

function nextOf(paging: Paging, page: unknown, position: unknown, count: number, response: Response | undefined): unknown {
  if (paging.kind === "cursor") {
    const value = valueAt(page, paging.cursor ?? []);
    const cursor = paging.isCursorInLink ? cursorIn(value, paging.parameter) : value;
    return cursor === null || cursor === "" || cursor === position ? undefined : cursor;
  }
  if (paging.kind === "link") {
    return response === undefined ? undefined : nextLink(response);
  }
  return Number(position) + (paging.kind === "page" ? 1 : count);
}

/** The cursor in the URL of the next page. */
function cursorIn(link: unknown, parameter: string): string | null {
  return typeof link === "string" ? new URL(link, "http://localhost").searchParams.get(parameter) : null;
}

/** The target of the link to the next page (RFC 8288). */
function nextLink(response: Response): string | undefined {
  const links = (response.headers.get("link") ?? "").matchAll(/<([^>]*)>([^<]*)/g);
  const next = [...links].find(([, , parameters]) => /;\s*rel="?(?:[^";]*\s)?next(?:\s[^";]*)?(?:["\s;,]|$)/i.test(parameters ?? ""));
  return next?.[1];
}

/** The address of a next page. Credentials are sent to no other server. */
function sameServer(link: string, target: string): string {
  const base = new Request(target).url;
  const url = new URL(link, base);
  if (url.origin !== new URL(base).origin) {
    throw new SdkError(`The link to the next page leads to another server: ${url.origin}`);
  }
  return url.href;
}

/** Whether the total, or another value of the page, says that there are no more items. */
function isComplete(paging: Paging, page: unknown, position: unknown, count: number, itemCount: number): boolean {
  const more = paging.more === undefined ? undefined : valueAt(page, paging.more);
  const last = paging.last === undefined ? undefined : valueAt(page, paging.last);
  if (more === false || more === null || last === true) {
    return true;
  }
  const total = paging.total === undefined ? undefined : valueAt(page, paging.total);
  const reached = paging.kind === "offset" ? Number(position) + count : itemCount;
  return typeof position === "number" && typeof total === "number" && reached >= total;
}
