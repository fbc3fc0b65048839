/** The parts of this layer that the generated modules use. */
export * from "./calls.js";
export * from "./exact.js";
export { FormFile } from "./multipart.js";
export * from "./oauth.js";
export * from "./pages.js";
export * from "./parameters.js";
export * from "./problems.js";
export * from "./reading.js";
export * from "./retries.js";
export * from "./streams.js";
export * from "./writing.js";
