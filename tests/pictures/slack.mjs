// Pages on stdin (a list of messages, modals or Home tabs), a page that looks like Slack on stdout.
// Arguments: the width in pixels, and "dark" or "light".
// The libraries are looked for in the current folder: npm install slack-blocks-to-jsx@1.1.1 react@19 react-dom@19
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { createElement } = require("react");
const { renderToStaticMarkup } = require("react-dom/server");
const { Message } = require("slack-blocks-to-jsx");

const [width = 680, theme = "light"] = process.argv.slice(2);
const [ground, ink, edge] = theme === "dark" ? ["#1a1d21", "#d1d2d3", "#565856"] : ["#fff", "#1d1c1d", "#bbb"];
const style = fs.readFileSync(require.resolve("slack-blocks-to-jsx").replace(/index\.js$/, "style.css"), "utf8");
const logo = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" fill="#2f5d50"/>' +
    '<path d="M11 6v24M25 6v24M11 12h14M11 18h14M11 24h14" stroke="#fff" stroke-width="3"/></svg>',
)}`;
const time = new Date("2026-11-23T10:00:00");
const draw = (blocks) => renderToStaticMarkup(createElement(Message, { blocks, logo, time, name: "Rung", theme }));
const button = (label, filled) => `<span class="button${filled ? " filled" : ""}">${label.text}</span>`;
// The library draws messages only: a view is one without who wrote it, a modal has its title and buttons around it.
const page = ({ type, title, submit, close, blocks }) => {
  if (type === undefined) return draw(blocks);
  if (type === "home") return `<div class="view">${draw(blocks)}</div>`;
  return `<div class="view modal"><h1>${title.text}</h1>${draw(blocks)}<div class="ends">${button(close)}${button(submit, true)}</div></div>`;
};
process.stdout.write(`<!doctype html><meta charset="utf-8"><style>${style}
  body{margin:12px;width:${width}px;font-family:Lato,Arial,sans-serif;background:${ground};color:${ink}}
  .view section>.shrink-0,.view .slack_blocks_to_jsx--header{display:none!important} .view hr{border-color:${edge}}
  .modal{border:1px solid ${edge};border-radius:8px;padding:12px 20px;max-width:520px;box-sizing:border-box}
  .modal h1{font-size:18px;margin:0 0 8px;font-weight:700} .ends{text-align:right;margin:12px 0 4px}
  .button{border:1px solid ${edge};border-radius:4px;padding:6px 12px;margin-left:8px;font-size:14px;font-weight:700}
  .filled{background:#007a5a;border-color:#007a5a;color:#fff}
</style><body data-theme="${theme}">${JSON.parse(fs.readFileSync(0, "utf8")).map(page).join("")}`);
