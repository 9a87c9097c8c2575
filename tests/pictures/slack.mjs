// Block Kit on stdin (a list of messages, each a list of blocks), a page that looks like Slack on stdout.
// The libraries are looked for in the current folder: npm install slack-blocks-to-jsx@1.1.1 react@19 react-dom@19
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { createElement } = require("react");
const { renderToStaticMarkup } = require("react-dom/server");
const { Message } = require("slack-blocks-to-jsx");

const style = fs.readFileSync(require.resolve("slack-blocks-to-jsx").replace(/index\.js$/, "style.css"), "utf8");
const logo = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" fill="#2f5d50"/>' +
    '<path d="M11 6v24M25 6v24M11 12h14M11 18h14M11 24h14" stroke="#fff" stroke-width="3"/></svg>',
)}`;
const messages = JSON.parse(fs.readFileSync(0, "utf8"));
const time = new Date("2026-11-23T10:00:00");
const body = messages.map((blocks) => renderToStaticMarkup(createElement(Message, { blocks, logo, time, name: "Rung" })));
process.stdout.write(
  `<!doctype html><meta charset="utf-8"><style>${style} body{margin:12px;width:${process.argv[2] ?? 680}px;font-family:Lato,Arial,sans-serif}</style>${body.join("")}`,
);
