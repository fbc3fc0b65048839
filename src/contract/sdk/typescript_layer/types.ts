/** What an operation takes and answers, computed from the types that openapi-typescript wrote. */

type Present<T> = { [K in keyof T as [Exclude<T[K], undefined>] extends [never] ? never : K]: T[K] };

type Content<T> = Exclude<T, undefined> extends { content: infer C } ? C[keyof C] : never;

type BodyOf<Op> = Op extends { requestBody?: infer R }
  ? [Exclude<R, undefined>] extends [never]
    ? unknown
    : Op extends { requestBody: unknown }
      ? { body: Content<R> }
      : { body?: Content<R> }
  : unknown;

/** `path`, `query`, `header`, `cookie` and `body`, each where the operation has it. */
export type Input<Op> = (Op extends { parameters: infer P } ? Present<P> : unknown) & BodyOf<Op>;

/** The input, which may be left out where nothing in it is needed. */
export type Arguments<Op> = object extends Input<Op> ? [input?: Input<Op>] : [input: Input<Op>];

type Successes = 200 | 201 | 202 | 203 | 204 | 205 | 206 | 207 | 208 | 226 | "2XX" | "2xx";

type Responses<Op> = Op extends { responses: infer R } ? R : never;

type BodyAt<R, S extends keyof R> = S extends keyof R ? (R[S] extends { content: infer C } ? C[keyof C] : undefined) : never;

/** The body of a success; undefined where it has none. */
export type Answer<Op> = [keyof Responses<Op> & Successes] extends [never]
  ? BodyAt<Responses<Op>, keyof Responses<Op> & "default">
  : BodyAt<Responses<Op>, keyof Responses<Op> & Successes>;

/** The items of the list that a path of keys leads to. */
export type Listed<T, P extends readonly string[]> = P extends readonly [infer H extends string, ...infer R extends readonly string[]]
  ? NonNullable<T> extends infer U
    ? H extends keyof U
      ? Listed<U[H], R>
      : never
    : never
  : NonNullable<T> extends readonly (infer I)[]
    ? I
    : never;
