/** Verification of webhooks by the Standard Webhooks specification: HMAC-SHA256 of id, timestamp and body. */
import { SdkError } from "./problems.js";

const TOLERANCE_SECONDS = 300;
const PREFIX = "whsec_";

/** The request is not authentic or not recent. Respond with 400. */
export class WebhookVerificationError extends SdkError {
  override readonly name: string = "WebhookVerificationError";
}

export type Fields = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The decoded event of a webhook, after its signature and its age were verified. `body` is the raw body of the request.
 * Several secrets may be valid while a secret is being replaced. Throws WebhookVerificationError, RangeError for an empty secret.
 */
export async function verify(
  body: string | Uint8Array,
  headers: Fields,
  secrets: string | readonly string[],
  tolerance: number = TOLERANCE_SECONDS,
): Promise<unknown> {
  const keys = [secrets].flat();
  if (keys.length === 0 || keys.some((secret) => keyOf(secret).length === 0)) {
    throw new RangeError("a secret is empty: any sender could sign with it");
  }
  const [id, timestamp, signatures] = [field(headers, "webhook-id"), field(headers, "webhook-timestamp"), field(headers, "webhook-signature")];
  if (!/^[0-9]{1,12}$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > tolerance) {
    throw new WebhookVerificationError("The timestamp is too far from now");
  }
  const encoder = new TextEncoder();
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const head = encoder.encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.length + bytes.length);
  signed.set(head);
  signed.set(bytes, head.length);
  const candidates = signatures.split(" ").filter((signature) => signature.startsWith("v1,"));
  const checks = keys.flatMap((secret) => candidates.map((signature) => matches(secret, signature, signed)));
  if (!(await Promise.all(checks)).includes(true)) {
    throw new WebhookVerificationError("No signature matches");
  }
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new WebhookVerificationError("The body is not JSON", { cause: error });
  }
}

function field(headers: Fields, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  if (typeof value !== "string") {
    throw new WebhookVerificationError(`The header ${name} is missing`);
  }
  return value;
}

/** Verified by the HMAC of the platform, which takes the same time for every wrong signature. */
async function matches(secret: string, signature: string, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const decoded = base64(signature.slice("v1,".length));
  const { subtle } = await webCrypto();
  const key = await subtle.importKey("raw", keyOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  return decoded !== undefined && subtle.verify("HMAC", key, decoded, signed);
}

/** The global `crypto`, or that of Node.js 18, whose name a bundle for browsers must not contain. */
async function webCrypto(): Promise<Crypto> {
  return globalThis.crypto ?? ((await import(["node", "crypto"].join(":"))) as { webcrypto: Crypto }).webcrypto;
}

/** A secret `whsec_...` is base64; any other secret is used as text. */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const decoded = secret.startsWith(PREFIX) ? base64(secret.slice(PREFIX.length)) : undefined;
  return decoded ?? new Uint8Array(new TextEncoder().encode(secret));
}

function base64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
