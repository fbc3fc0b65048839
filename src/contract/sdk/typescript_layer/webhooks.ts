/** Is a webhook really from the server, and fresh? By the Standard Webhooks specification: HMAC-SHA256 of id, timestamp and body. */
import { SdkError } from "./problems.js";

const TOLERANCE_SECONDS = 300;
const PREFIX = "whsec_";

/** The request is not a fresh one of the server's. Answer 400 and do nothing else. */
export class WebhookVerificationError extends SdkError {}

type Fields = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The event in a webhook's body, decoded, after its signature and its age were checked. `body` is the request's body as it arrived,
 * byte for byte. Several secrets may be valid while one is being replaced. Throws WebhookVerificationError.
 */
export async function verify(
  body: string | Uint8Array,
  headers: Fields,
  secrets: string | readonly string[],
  tolerance: number = TOLERANCE_SECONDS,
): Promise<unknown> {
  const [id, stamp, given] = [field(headers, "webhook-id"), field(headers, "webhook-timestamp"), field(headers, "webhook-signature")];
  if (!/^[0-9]{1,12}$/.test(stamp) || Math.abs(Date.now() / 1000 - Number(stamp)) > tolerance) {
    throw new WebhookVerificationError("The timestamp is too far from now");
  }
  const text = new TextEncoder();
  const bytes = typeof body === "string" ? text.encode(body) : body;
  const head = text.encode(`${id}.${stamp}.`);
  const signed = new Uint8Array(head.length + bytes.length);
  signed.set(head);
  signed.set(bytes, head.length);
  const words = given.split(" ").filter((word) => word.startsWith("v1,"));
  const checks = [secrets].flat().flatMap((secret) => words.map((word) => matches(secret, word, signed)));
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
  const found = headers instanceof Headers ? headers.get(name) : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  if (typeof found !== "string") {
    throw new WebhookVerificationError(`The header field ${name} is missing`);
  }
  return found;
}

/** Compared by the platform's own HMAC, which takes the same time for every wrong signature. */
async function matches(secret: string, word: string, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const given = base64(word.slice("v1,".length));
  const key = await crypto.subtle.importKey("raw", keyOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  return given !== undefined && crypto.subtle.verify("HMAC", key, given, signed);
}

/** A secret `whsec_...` is base64; any other signs as it is written. */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const decoded = secret.startsWith(PREFIX) ? base64(secret.slice(PREFIX.length)) : undefined;
  return decoded ?? new Uint8Array(new TextEncoder().encode(secret));
}

function base64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  } catch {
    return undefined;
  }
}
