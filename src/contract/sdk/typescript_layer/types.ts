/** The input and the result of an operation, computed from the types of openapi-typescript. */

type Present<T> = { [K in keyof T as [Exclude<T[K], undefined>] extends [never] ? never : K]: T[K] };

type Content<T> = Exclude<T, undefined> extends { content: infer C } ? C[keyof C] : never;

type BodyOf<Op> = Op extends { requestBody?: infer R }
  ? [Exclude<R, undefined>] extends [never]
    ? unknown
    : Op extends { requestBody: unknown }
      ? { body: Content<R> }
      : { body?: Content<R> }
  : unknown;

/** `path`, `query`, `header`, `cookie` and `body`, as far as the operation has them. */
export type Input<Op> = (Op extends { parameters: infer P } ? Present<P> : unknown) & BodyOf<Op>;

/** The input, which is optional if none of its members is required. */
export type Arguments<Op> = object extends Input<Op> ? [input?: Input<Op>] : [input: Input<Op>];

type Successes = 200 | 201 | 202 | 203 | 204 | 205 | 206 | 207 | 208 | 226 | "2XX" | "2xx";

type Responses<Op> = Op extends { responses: infer R } ? R : never;

type BodyAt<R, S extends keyof R> = S extends keyof R ? (R[S] extends { content: infer C } ? C[keyof C] : undefined) : never;

/** The body of a success; undefined without one. */
export type Result<Op> = [keyof Responses<Op> & Successes] extends [never]
  ? BodyAt<Responses<Op>, keyof Responses<Op> & "default">
  : BodyAt<Responses<Op>, keyof Responses<Op> & Successes>;

/** The items of the list at a path of keys. */
export type ItemsOf<T, P extends readonly string[]> = P extends readonly [infer H extends string, ...infer R extends readonly string[]]
  ? NonNullable<T> extends infer U
    ? H extends keyof U
      ? ItemsOf<U[H], R>
      : never
    : never
  : NonNullable<T> extends readonly (infer I)[]
    ? I
    : never;
