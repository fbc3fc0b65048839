/** Iteration over the items of a list, page by page. */
import { valueAt } from "./problems.js";

export interface Paging {
  readonly kind: "page" | "offset" | "cursor";
  /** The query parameter that selects the page. */
  readonly parameter: string;
  readonly items: readonly string[];
  readonly total?: readonly string[];
  readonly cursor?: readonly string[];
  readonly first: number;
}

/** Ends at an empty page, when the total is reached, without a next cursor, or when a page equals the previous one. */
export async function* pages<Item>(
  paging: Paging,
  input: { readonly query?: object } | undefined,
  fetch: (input: object) => Promise<unknown>,
): AsyncGenerator<Item, void, undefined> {
  let position: unknown = paging.kind === "cursor" ? undefined : paging.first;
  let itemCount = 0;
  let previous = "";
  for (;;) {
    const parameter = position === undefined ? {} : { [paging.parameter]: position };
    const page = await fetch({ ...input, query: { ...input?.query, ...parameter } });
    const list = valueAt(page, paging.items);
    const items = (Array.isArray(list) ? list : []) as Item[];
    const text = JSON.stringify(page) ?? "";
    if (text === previous || (items.length === 0 && paging.kind !== "cursor")) {
      return;
    }
    yield* items;
    itemCount += items.length;
    const nextPosition = next(paging, page, position, items.length);
    if (nextPosition === undefined || isComplete(paging, page, itemCount)) {
      return;
    }
    position = nextPosition;
    previous = text;
  }
}

function next(paging: Paging, page: unknown, position: unknown, count: number): unknown {
  if (paging.kind === "cursor") {
    const cursor = valueAt(page, paging.cursor ?? []);
    return cursor === null || cursor === "" || cursor === position ? undefined : cursor;
  }
  return Number(position) + (paging.kind === "page" ? 1 : count);
}

function isComplete(paging: Paging, page: unknown, itemCount: number): boolean {
  const total = paging.total === undefined ? undefined : valueAt(page, paging.total);
  return paging.kind !== "cursor" && typeof total === "number" && itemCount >= total;
}
