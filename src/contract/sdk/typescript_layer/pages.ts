/** All items of a list, page after page. */
import { look } from "./problems.js";

export interface Paging {
  readonly kind: "page" | "offset" | "cursor";
  /** The query parameter that moves on. */
  readonly parameter: string;
  readonly items: readonly string[];
  readonly total?: readonly string[];
  readonly cursor?: readonly string[];
  readonly first: number;
}

/** Ends at an empty page, when the total is reached, when no next cursor is named, and when a page says the same as the one before. */
export async function* pages<Item>(
  paging: Paging,
  input: { readonly query?: object } | undefined,
  fetch: (input: object) => Promise<unknown>,
): AsyncGenerator<Item, void, undefined> {
  let position: unknown = paging.kind === "cursor" ? undefined : paging.first;
  let seen = 0;
  let before = "";
  for (;;) {
    const moved = position === undefined ? {} : { [paging.parameter]: position };
    const page = await fetch({ ...input, query: { ...input?.query, ...moved } });
    const found = look(page, paging.items);
    const items = (Array.isArray(found) ? found : []) as Item[];
    const said = JSON.stringify(page) ?? "";
    if (said === before || (items.length === 0 && paging.kind !== "cursor")) {
      return;
    }
    yield* items;
    seen += items.length;
    const following = next(paging, page, position, items.length);
    if (following === undefined || reached(paging, page, seen)) {
      return;
    }
    position = following;
    before = said;
  }
}

function next(paging: Paging, page: unknown, position: unknown, count: number): unknown {
  if (paging.kind === "cursor") {
    const named = look(page, paging.cursor ?? []);
    return named === null || named === "" || named === position ? undefined : named;
  }
  return Number(position) + (paging.kind === "page" ? 1 : count);
}

function reached(paging: Paging, page: unknown, seen: number): boolean {
  const total = paging.total === undefined ? undefined : look(page, paging.total);
  return paging.kind !== "cursor" && typeof total === "number" && seen >= total;
}
