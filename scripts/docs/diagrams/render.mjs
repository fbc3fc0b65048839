// Render Mermaid files to SVG files beside them: node render.mjs FILE.mmd...
// Each SVG names the digest of its source, by which scripts/docs/diagrams.py tells whether it is up to date.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { renderMermaidSVG } from "beautiful-mermaid";

const COLOURS = { bg: "#ffffff", fg: "#27272a", accent: "#4051b5", muted: "#52525b" };

for (const file of process.argv.slice(2)) {
  const source = readFileSync(file);
  const digest = createHash("sha256").update(source).digest("hex");
  const svg = renderMermaidSVG(source.toString(), COLOURS)
    .replace(/^\s*@import .*\n/m, "") // a picture loads no font from the network
    .replace(/^<svg /, `<!-- source sha256 ${digest} -->\n<svg `);
  writeFileSync(file.replace(/\.mmd$/, ".svg"), `${svg.replace(/[ \t]+$/gm, "").trim()}\n`);
}
