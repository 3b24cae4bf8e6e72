// The box "Never miss breaking news on ..." of a site's page; docs/box.md says how to have and theme it.
// It needs nothing else, sets no cookie, and talks to the address it came from alone.
(() => {
  "use strict";
  const script = document.currentScript;
  const given = script.dataset;
  const home = new URL(script.src).origin;
  // Without a worker of the site's own, a window of Tocsin's does it.
  const worker = given.worker || (home === location.origin ? "/sw.js" : "");
  // A scope nobody browses: a service worker that the site has already stays in charge of its pages.
  const scope = worker && new URL("tocsin-push/", new URL(worker, location.href)).href;
  const lang = given.lang || script.closest("[lang]")?.lang || navigator.language || "en";
  const ios = /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  const DAY = 864e5;
  const CSS = `
    :host { display: block; margin-block: 1em; color: var(--tocsin-text, inherit); font: inherit; }
    :host([hidden]), [hidden] { display: none; }
    section { border: 1px solid var(--tocsin-border, currentColor); border-radius: var(--tocsin-radius, .5em);
      background: var(--tocsin-background, transparent); padding: 1em; text-align: start; }
    p { margin: 0 0 .5em; }
    .title { font-weight: bold; font-size: 1.15em; }
    .buttons { display: flex; flex-wrap: wrap; gap: .5em 1em; align-items: center; margin: 0; }
    button { font: inherit; font-weight: bold; cursor: pointer; min-height: 2.75em; padding: .4em 1.2em;
      border: 2px solid var(--tocsin-accent, currentColor); border-radius: var(--tocsin-radius, .5em);
      background: var(--tocsin-accent, transparent); color: var(--tocsin-accent-text, inherit); }
    button[aria-disabled=true] { cursor: progress; opacity: .8; }
    a { color: inherit; }
    :focus-visible { outline: 3px solid; outline-offset: 2px; }`;

  let box, kept = {}, state, popup;

  const make = (name, values, ...inside) => {
    const made = Object.assign(document.createElement(name), values);
    made.append(...inside);
    return made;
  };
  const status = make("p", { tabIndex: -1 });
  const button = make("button", { type: "button" });
  const mail = make("a", { hidden: true, target: "_blank", rel: "noopener" });
  status.setAttribute("role", "status");
  for (const [name, element] of Object.entries({ status, button, mail })) element.setAttribute("part", name);

  // What this browser follows by this site, kept where its service worker can read it too.
  const memory = () => caches.open("tocsin");
  const recall = async () => {
    try { return await (await (await memory()).match("/tocsin-push/")).json(); } catch { return {}; }
  };
  const remember = async (what) => {
    kept = what;
    try { await (await memory()).put("/tocsin-push/", new Response(JSON.stringify(what))); } catch { /* private window */ }
  };
  const follows = () => (kept.topics || []).includes(box.topic.slug);

  const ask = async (path, what) => {
    const how = what && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(what) };
    const answer = await fetch(home + path, { credentials: "omit", ...how });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
    return answer.json();
  };

  const current = async () => {
    const registration = await navigator.serviceWorker.getRegistration(scope);
    return registration?.scope === scope ? registration.pushManager.getSubscription() : null;
  };
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const subscribe = async () => {
    const registration = await navigator.serviceWorker.register(worker, { scope, updateViaCache: "none" });
    const fresh = registration.installing || registration.waiting;
    if (!registration.active && fresh) {
      await new Promise((done, fail) => fresh.addEventListener("statechange", () => {
        if (fresh.state === "activated") done();
        if (fresh.state === "redundant") fail(new Error("The service worker cannot be installed"));
      }));
    }
    return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(box.key) });
  };
  // The browser's push subscription; a new one where it has none, or one of a key that Tocsin has replaced.
  const subscription = async () => {
    const now = await current();
    const key = now?.options?.applicationServerKey;
    if (now && (!key || String(new Uint8Array(key)) === String(bytes(box.key)))) return now;
    await now?.unsubscribe();
    return subscribe();
  };
  const tell = async (path, now) => {
    const answer = await ask(path, {
      subscription: now, key: box.key_id, topic: box.topic.slug, language: lang,
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      old: kept.endpoint ? { endpoint: kept.endpoint, auth: kept.auth } : null,
    });
    const { endpoint, keys } = now.toJSON();
    await remember({ endpoint, auth: keys.auth, topics: answer.topics, at: Date.now() });
    return answer;
  };

  const repair = async () => {
    let now = await subscription();
    if (now.endpoint === kept.endpoint && Date.now() - kept.at < DAY) return;
    if ((await tell("/api/push/repair", now)).stale) {
      await now.unsubscribe();
      now = await subscribe();
      await tell("/api/push/repair", now);
    }
    if (!kept.topics.length) await forget(now);
  };
  const forget = async (now) => {
    await now?.unsubscribe();
    await remember({});
  };

  const follow = async () => {
    if (!worker) return open();
    show("asking");
    const permission = await Notification.requestPermission();
    if (permission !== "granted") return show(permission === "denied" ? "refused" : "offer");
    show("busy");
    await tell("/api/push/subscribe", await subscription());
    show("subscribed");
  };
  const leave = async () => {
    if (!worker) return open();
    show("busy");
    const now = await current();
    const { endpoint, keys } = now ? now.toJSON() : { endpoint: kept.endpoint, keys: kept };
    let topics = kept.topics.filter((slug) => slug !== box.topic.slug);
    try {
      topics = (await ask("/api/push/unsubscribe", { endpoint, auth: keys.auth, topic: box.topic.slug })).topics;
    } catch (error) {
      if (topics.length) throw error; // else the push service tells Tocsin that nobody is there
    }
    await (topics.length ? remember({ ...kept, topics }) : forget(now));
    show("left");
  };
  const open = () => {
    const asked = new URLSearchParams({ from: location.origin, lang });
    popup = window.open(`${box.page}?${asked}`, "tocsin", "popup,width=440,height=640");
    show(popup ? "window" : "failed");
  };

  const show = (next) => {
    state = next;
    const busy = next === "asking" || next === "busy";
    const stuck = next === "refused" || next === "unsupported" || next === "home";
    const focused = button.getRootNode().activeElement === button;
    status.textContent = box.texts[next];
    button.textContent = box.texts[follows() && next !== "left" ? "unsubscribe" : "notify"];
    button.hidden = stuck;
    button.setAttribute("aria-disabled", busy);
    mail.hidden = !box.mail || !(stuck || next === "failed");
    if (focused && stuck) (mail.hidden ? status : mail).focus();
    if (given.opener && !busy) window.opener?.postMessage({ tocsin: box.topic.slug, follows: follows() }, given.opener);
  };
  const act = async () => {
    if (state === "asking" || state === "busy") return;
    try {
      await (follows() ? leave() : follow());
      if (given.opener && window.opener && (state === "subscribed" || state === "left")) setTimeout(close, 1500);
    } catch (error) {
      console.warn("Tocsin:", error);
      show("failed");
    }
  };

  const build = () => {
    const [before, after] = box.texts.title.split("{topic}");
    const title = make("p", { id: "title", className: "title" }, before, make("bdi", {}, box.topic.name), after);
    title.setAttribute("part", "title");
    const frame = make("section", {}, title, status, make("p", { className: "buttons" }, button, mail));
    frame.setAttribute("aria-labelledby", "title");
    frame.setAttribute("part", "box");
    const host = make("tocsin-box", { lang: box.language, dir: box.direction });
    const root = host.attachShadow({ mode: "open" });
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
    } catch { /* an old browser shows it plain */ }
    root.append(frame);
    mail.textContent = box.texts.mail;
    mail.href = box.page;
    button.addEventListener("click", act);
    script.after(host);
  };
  const look = async () => {
    if (worker && !("PushManager" in window && "Notification" in window && navigator.serviceWorker)) return ios ? "home" : "unsupported";
    if (!worker && ios) return "unsupported";
    kept = await recall();
    if (worker && Notification.permission === "denied") return "refused";
    // Whoever took the permission back is told nothing more: offer it anew, and go on from what there was.
    if (worker && Notification.permission === "default") kept = { ...kept, topics: [] };
    if (worker && Notification.permission === "granted" && (kept.endpoint || await current())) {
      try { await repair(); } catch (error) { console.warn("Tocsin:", error); } // the next visit tries again
    }
    return follows() ? "subscribed" : "offer";
  };

  addEventListener("message", async ({ origin, source, data }) => {
    if (!popup || source !== popup || origin !== home || data?.tocsin !== box.topic.slug) return;
    if (data.follows === follows()) return;
    await remember({ topics: [...(kept.topics || []).filter((slug) => slug !== data.tocsin), ...(data.follows ? [data.tocsin] : [])] });
    show(data.follows ? "subscribed" : "left");
  });
  (async () => {
    try {
      const asked = new URLSearchParams({ topic: given.topic || "", tags: given.tags || "", lang });
      box = await ask(`/api/box?${asked}`);
      if (!box.topic) return;
      const first = await look();
      build();
      show(first);
    } catch (error) {
      console.warn("Tocsin: is this site one of TOCSIN_SITES?", error);
    }
  })();
})();
