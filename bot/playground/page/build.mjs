// Builds the page into ../built: page.js, page.css, index.html, the licences, and the hash of what they were made of.
// `--check` writes nothing, and fails when the built files are not those of the sources.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const here = path.dirname(new URL(import.meta.url).pathname);
const out = path.join(here, "..", "built");
const read = (name) => fs.readFileSync(path.join(here, name));
const sha = (data) => crypto.createHash("sha256").update(data).digest("hex");

const made = await build({
  absWorkingDir: here,
  entryPoints: { page: "src/main.jsx" },
  outdir: out,
  bundle: true,
  write: false,
  minify: true,
  metafile: true,
  charset: "utf8",
  jsx: "automatic",
  target: ["es2022"],
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
});

const packages = new Set(
  Object.keys(made.metafile.inputs).flatMap((file) => file.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []),
);
const licences = [...packages].sort().map((name) => {
  const folder = path.join(here, "node_modules", name);
  const about = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = fs.readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? fs.readFileSync(path.join(folder, file), "utf8").trim() : `${about.license} (no text in the package)`;
  return `${name} ${about.version} — ${about.license}\n\n${text.replaceAll("\r\n", "\n")}\n`;
});

const sources = ["build.mjs", "package.json", "package-lock.json", ...fs.readdirSync(path.join(here, "src")).sort().map((name) => `src/${name}`)];
const files = Object.fromEntries(made.outputFiles.map((file) => [path.basename(file.path), file.contents]));
files["index.html"] = read("src/index.html");
files["LICENCES.txt"] = Buffer.from(
  "The page is built from these packages.\n\n" + licences.join("\n" + "-".repeat(80) + "\n\n"),
);
files["sources.sha256"] = Buffer.from(sources.map((name) => `${sha(read(name))}  ${name}\n`).join(""));

if (process.argv.includes("--check")) {
  const stale = Object.keys(files).filter(
    (name) => !fs.existsSync(path.join(out, name)) || sha(fs.readFileSync(path.join(out, name))) !== sha(files[name]),
  );
  if (stale.length) {
    console.error(`Not what the sources make: ${stale.join(", ")}. Run: npm ci && npm run build`);
    process.exit(1);
  }
} else {
  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(out);
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(out, name), content);
  for (const [name, content] of Object.entries(files)) console.log(`${name}  ${content.length} bytes`);
}
