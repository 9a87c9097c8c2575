// Two answers side by side: readme.mjs NODE_MODULES CARD.png SLACK.html OUT.png
import fs from "node:fs";
import { createRequire } from "node:module";

const [modules, card, slack, out] = process.argv.slice(2);
const { chromium } = createRequire(`${modules}/`)("playwright-core");

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1000, height: 600 }, deviceScaleFactor: 1.4 });
await page.setContent(`<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; font-family: Lato, Arial, sans-serif; color: #1d1c1d }
  main { display: flex; width: 1000px; align-items: stretch }
  section { flex: 1; padding: 14px 18px 18px; background: #f5f5f5 }
  section + section { background: #fff; border-left: 1px solid #ddd; flex: 0 0 500px; padding: 14px 0 0 }
  h2 { font-size: 13px; font-weight: 700; margin: 0 0 10px; color: #616061 }
  h2 code { font: inherit; font-weight: 400 } section + section h2 { margin: 0 16px }
  .card { display: block; width: 446px; border-radius: 4px; box-shadow: 0 1px 4px #0003 }
  iframe { border: 0; width: 500px; display: block }
</style><main>
  <section><h2>Microsoft Teams · <code>senior ML engineer</code></h2>
    <img class="card" src="data:image/png;base64,${fs.readFileSync(card).toString("base64")}"></section>
  <section><h2>Slack · <code>/skill ML Engineer senior</code></h2><iframe></iframe></section>
</main>`);
await page.locator("iframe").evaluate((frame, html) => new Promise((done) => {
  frame.onload = () => { frame.style.height = `${frame.contentDocument.body.scrollHeight + 24}px`; done(); };
  frame.srcdoc = html;
}), fs.readFileSync(slack, "utf8"));
await page.locator("main").screenshot({ path: out });
await browser.close();
