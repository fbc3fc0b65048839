/** JSON with `bigint` where the document has 64-bit integers. */
import { parse, type Reader, type Stream, tooManyDigits } from "./reading.js";
import { eventsWith, linesWith } from "./streams.js";

/** Where a value has bigints: 1 is one, 0 is none; a function is a shape by reference. */
export type Shape =
  | 0
  | 1
  | (() => Shape)
  | {
      readonly properties?: Readonly<Record<string, Shape>>;
      /** Properties that `others` does not describe. */
      readonly named?: readonly string[];
      readonly others?: Shape;
      readonly items?: Shape;
      readonly prefix?: readonly Shape[];
      readonly all?: readonly Shape[];
    };

/** A reader of JSON. */
export function exactJson(shape: Shape): Reader {
  return (text) => exact(text, shape);
}

/** A reader of server-sent events. */
export function exactEvents(shape: Shape): Reader<Stream<unknown>> {
  return eventsWith((text) => exact(text, shape));
}

/** A reader of JSON lines. */
export function exactLines(shape: Shape): Reader<Stream<unknown>> {
  return linesWith((text) => exact(text, shape));
}

function exact(text: string, shape: Shape): unknown {
  return walk(parse(text, BigInt), [shape]);
}

/** The value with bigints where a shape has them. An integer elsewhere that no number holds is an error. */
function walk(value: unknown, shapes: readonly Shape[]): unknown {
  const here = shapes.flatMap(resolved);
  if (typeof value === "number" || typeof value === "bigint") {
    if (here.includes(1)) {
      return Number.isInteger(value) ? BigInt(value) : value;
    }
    return typeof value === "bigint" ? tooManyDigits(String(value)) : value;
  }
  const parts = here.filter((shape) => typeof shape === "object");
  if (Array.isArray(value)) {
    return value.map((item, position) => walk(item, parts.flatMap((shape) => shape.prefix?.[position] ?? shape.items ?? [])));
  }
  if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      const next = parts.flatMap((shape) => {
        const own = shape.properties !== undefined && Object.hasOwn(shape.properties, name) ? shape.properties[name] : undefined;
        return own ?? (shape.named?.includes(name) ? [] : (shape.others ?? []));
      });
      Object.defineProperty(value, name, { value: walk(item, next), writable: true, enumerable: true, configurable: true });
    }
  }
  return value;
}

function resolved(shape: Shape): Exclude<Shape, () => Shape>[] {
  const plain = typeof shape === "function" ? shape() : shape;
  if (typeof plain === "function") {
    return resolved(plain);
  }
  return typeof plain === "object" ? [plain, ...(plain.all ?? []).flatMap(resolved)] : [plain];
}
