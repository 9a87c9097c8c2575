// Drives the web page of the Microsoft 365 Agents Playground as a person would.
//
//   node drive.mjs [options] STEP...
//     --playground URL   default http://localhost:56150          --out DIR      default ./teams-out
//     --chat NAME        Personal Chat (default) | the group chat's name | "TEAM - CHANNEL" as the left rail shows it
//     --modules DIR      node_modules that holds playwright-core  --timeout MS   wait for a reply, default 8000
//     --width N --height N           (the page has no dark theme to switch to)   --scale N    pixels per pixel, default 1
//   STEP is a message to type, or one of
//     click:TITLE        press the last button with that title (card action or suggested action)
//     pick:LABEL         choose the last radio / checkbox with that label
//     choose:LABEL=CHOICE  open the last menu with that label and choose
//     fill:LABEL=TEXT    fill the last card input with that label
//     chat:NAME          switch to another conversation
//     mention:TEXT       @mention the bot, then TEXT (needed in group chats and channels)
//     event:JSON         send any raw activity to the bot (serviceUrl, recipient, conversation filled in when missing)
//     post:PATH          POST to a path of the bot itself, e.g. post:http://127.0.0.1:3978/proactive
//     shot:NAME          extra screenshot
//     narrow:PX          picture of the last card alone, PX wide, as on a phone (OUT/narrow-NN.png)
//     wait:MS
//   Writes OUT/final.png, OUT/<NN>.png after every step, OUT/<NN>-card.png when a card came, OUT/replies.json (text, card text, buttons, AI label per bot message,
//   warnings the client logged) and prints the replies. Exits 1 when a message got no reply.
import fs from 'node:fs';
import path from 'node:path';
import os from 'node:os';
import { createRequire } from 'node:module';

const o = { playground: 'http://localhost:56150', out: 'teams-out', chat: 'Personal Chat', timeout: '8000', width: '1400', height: '1100', scale: '1', modules: '' };
const steps = [];
for (let i = 2; i < process.argv.length; i++) {
  const a = process.argv[i];
  if (a.startsWith('--')) o[a.slice(2)] = process.argv[++i];
  else steps.push(a);
}
const base = o.modules ? path.join(path.resolve(o.modules), 'x.js') : import.meta.url;
const { chromium } = createRequire(base)('playwright-core');
fs.mkdirSync(o.out, { recursive: true });
const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'teams-profile-'));
const ctx = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true,
  viewport: { width: +o.width, height: +o.height }, deviceScaleFactor: +o.scale,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const local = h => h === 'localhost' || h === '127.0.0.1' || h === '[::1]';
await ctx.route('**/*', r => (local(new URL(r.request().url()).hostname) ? r.continue() : r.abort()));   // fonts and CDN worklets: never leave the machine
const page = await ctx.newPage();

// the page's own web socket carries every bot message: the exact text and card JSON, without scraping
const frames = [];
page.on('websocket', ws => { if (ws.url().includes('/_ws_conversation/')) ws.on('framereceived', f => { try { frames.push(JSON.parse(f.payload)); } catch { /* not json */ } }); });
const invokes = [];
page.on('response', async r => { if (r.url().endsWith('/_conversation/v1/invoke')) invokes.push({ status: r.status(), body: (await r.text().catch(() => '')).slice(0, 2000) }); });

const BOX = 'div[role=textbox][contenteditable=true]';     // the compose box; a card's own inputs are <input>/<textarea>
const settle = async (n, must) => {                        // until something arrives and then 700 ms of quiet
  const end = Date.now() + +o.timeout; let last = frames.length + invokes.length, quiet = Date.now();
  while (Date.now() < end) {
    await page.waitForTimeout(100);
    const now = frames.length + invokes.length;
    if (now !== last) { last = now; quiet = Date.now(); }
    if (now > n && Date.now() - quiet > 700) return true;
    if (!must && Date.now() - quiet > 1200) return now > n;
  }
  return frames.length + invokes.length > n;
};
const openChat = async name => { await page.getByRole('treeitem', { name, exact: true }).first().click({ timeout: 5000 }); await page.waitForTimeout(900); };
const compose = () => page.locator(BOX).last();

await page.goto(o.playground, { waitUntil: 'load' });
await page.locator(BOX).first().waitFor({ timeout: 20000 });
await page.waitForTimeout(1200);
if (o.chat !== 'Personal Chat') await openChat(o.chat);
await settle(-1, false);
const cfg = (await (await fetch(o.playground + '/_internal/v1/config')).json()).config;

const report = []; let silent = 0, nn = 0;
for (const s of steps) {
  const n = frames.length + invokes.length, f0 = frames.length, i0 = invokes.length;
  const m = /^(click|pick|choose|fill|chat|mention|event|post|shot|narrow|wait):([\s\S]*)$/.exec(s);
  const [kind, arg] = m ? [m[1], m[2]] : ['say', s];
  let answered = true, error;
  try {
    if (kind === 'say') { await compose().click(); await page.keyboard.type(arg); await page.keyboard.press('Enter'); answered = await settle(n, true); }
    else if (kind === 'mention') {
      await compose().click(); await page.keyboard.type('@' + cfg.bot.name.slice(0, 4)); await page.waitForTimeout(700);
      await page.locator('[role=option],[role=menuitem],[role=listitem]').filter({ hasText: cfg.bot.name }).first().click({ timeout: 5000 });
      await page.keyboard.type(' ' + arg); await page.keyboard.press('Enter'); answered = await settle(n, true);
    }
    else if (kind === 'click') { await page.getByRole('button', { name: arg, exact: true }).last().click({ timeout: 5000 }); answered = await settle(n, false); }
    else if (kind === 'pick') await page.getByLabel(arg, { exact: true }).last().click({ timeout: 5000 });
    else if (kind === 'choose') { const k = arg.indexOf('='); await page.getByRole('combobox', { name: arg.slice(0, k) }).last().click({ timeout: 5000 }); await page.getByRole('option', { name: arg.slice(k + 1), exact: true }).last().click({ timeout: 5000 }); }
    else if (kind === 'fill') { const k = arg.indexOf('='); await page.getByLabel(arg.slice(0, k)).last().fill(arg.slice(k + 1), { timeout: 5000 }); }
    else if (kind === 'chat') { await openChat(arg); await settle(n, false); }
    else if (kind === 'event') {
      const a = { channelId: 'msteams', serviceUrl: o.playground + '/_connector', id: String(Date.now()), timestamp: new Date().toISOString(), recipient: cfg.bot,
        from: { id: cfg.currentUser.id, name: cfg.currentUser.name, aadObjectId: cfg.currentUser.aadObjectId },
        conversation: { id: cfg.personalChat.id, conversationType: 'personal', tenantId: cfg.tenantId }, channelData: { tenant: { id: cfg.tenantId } }, ...JSON.parse(arg) };
      await fetch(o.playground + '/_internal/v1/customActivities', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(a) });
      await settle(n, false);
    }
    else if (kind === 'post') { await fetch(arg, { method: 'POST' }); await settle(n, false); }
    else if (kind === 'narrow') {
      const card = page.locator('.ac-adaptiveCard').last();
      await card.evaluate((node, width) => { node.style.width = width + 'px'; node.style.minWidth = '0'; }, arg);
      await page.waitForTimeout(300);
      await card.screenshot({ path: path.join(o.out, `narrow-${String(nn).padStart(2, '0')}.png`) });
      await card.evaluate(node => { node.style.width = ''; node.style.minWidth = ''; });
    }
    else if (kind === 'wait') await page.waitForTimeout(+arg);
  } catch (e) { error = e.message.split('\n')[0]; answered = false; }
  if (!answered && kind !== 'click') silent++;
  if (error) silent++;
  await page.waitForTimeout(250);
  const file = kind === 'shot' ? arg + '.png' : String(++nn).padStart(2, '0') + '.png';
  await page.screenshot({ path: path.join(o.out, file) });
  const card = page.locator('.ac-adaptiveCard').last();                                             // the whole card, also when it is taller than the window
  if (kind !== 'shot' && (frames.slice(f0).some(x => x.message?.attachments?.length) || invokes.length > i0) && await card.count())
    await card.screenshot({ path: path.join(o.out, file.replace('.png', '-card.png')) }).catch(() => {});
  const replies = frames.slice(f0).map(x => ({ action: x.action, conversation: x.actionConversationId, text: x.message?.text, textFormat: x.message?.textFormat,
    cards: (x.message?.attachments || []).map(a => a.content), aiLabel: !!x.message?.aiEntity?.additionalType, feedback: !!x.message?.feedbackLoopEnabled, suggested: x.message?.suggestedActions?.actions?.map(a => a.title) }));
  const shown = await page.evaluate(() => [...document.querySelectorAll('.ac-adaptiveCard')].slice(-1).map(c => c.innerText.replace(/\n+/g, ' | '))[0] || '');
  report.push({ step: s, answered, error, screenshot: file, replies, invokes: invokes.slice(i0), lastCardShown: shown });
  console.log(`> ${s}${error ? '   !! ' + error : ''}`);
  for (const r of replies) console.log(`  ${r.action}${r.text ? ': ' + r.text : ''}${r.cards.length ? ` [${r.cards.length} card(s)]` : ''}${r.aiLabel ? ' [AI]' : ''}${r.suggested ? ' ' + JSON.stringify(r.suggested) : ''}`);
  for (const v of invokes.slice(i0)) console.log(`  invoke -> HTTP ${v.status} ${v.body.slice(0, 160)}`);
  if (replies.some(r => r.cards.length) || invokes.length > i0) console.log('  card: ' + shown);
}
const warnings = await page.evaluate(() => document.body.innerText.split('\n').filter(l => /not supported|\(!\)|not implemented|Invalid/i.test(l)));
await page.screenshot({ path: path.join(o.out, 'final.png') });
fs.writeFileSync(path.join(o.out, 'replies.json'), JSON.stringify({ playground: o.playground, chat: o.chat, steps: report, warnings }, null, 1));
for (const w of new Set(warnings)) console.log('client warning: ' + w);
await ctx.close();
fs.rmSync(profile, { recursive: true, force: true });
process.exit(silent ? 1 : 0);
