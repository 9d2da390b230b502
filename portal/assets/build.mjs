// Compiles the style sheet and gathers what the browser loads into build/assets/portal (ignored by git).
// Run by `npm run build`. Uses Sass as a library: its command line would start a file watcher that we never need.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, Logger } from "sass";

const source = dirname(fileURLToPath(import.meta.url));
const root = join(source, "..", "..");
const target = join(root, "build", "assets", "portal");
const modules = join(root, "node_modules");

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const { css } = compile(join(source, "portal.scss"), {
  loadPaths: [modules],
  style: "compressed",
  quietDeps: true,
  logger: Logger.silent,
});
writeFileSync(join(target, "portal.css"), css);

// Its last line names a source map, which is not shipped: collectstatic would refuse a reference to a missing file.
const script = readFileSync(join(modules, "govuk-frontend", "dist", "govuk", "govuk-frontend.min.js"), "utf8");
writeFileSync(join(target, "govuk-frontend.min.js"), script.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n"));
for (const file of readdirSync(source).filter((name) => /\.(js|svg)$/.test(name))) {
  copyFileSync(join(source, file), join(target, file));
}

console.log(`Assets written to ${target}: ${readdirSync(target).join(", ")}`);
