// What shows Tocsin's alerts in a browser; a site's own service worker imports it (docs/box.md).
(() => {
  "use strict";
  const { home, texts } = self.tocsin;
  const buttons = texts[navigator.language.slice(0, 2)] || texts.en;

  const memory = () => caches.open("tocsin");
  const ask = async (path, what) => {
    const how = what && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(what) };
    const answer = await fetch(home + path, { credentials: "omit", ...how });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
    return answer.json();
  };
  const known = (subscription) => {
    const { endpoint, keys } = subscription.toJSON();
    return { endpoint, auth: keys.auth };
  };
  const me = async () => known(await self.registration.pushManager.getSubscription());

  // Only where the message says so; it names the alert and not the reader, and nobody waits for an answer.
  const count = (receipt, what) => receipt && fetch(`${home}/api/counts`, {
    method: "POST", credentials: "omit", keepalive: true,
    headers: { "Content-Type": "application/json" }, body: JSON.stringify({ alert: receipt, what }),
  }).catch(() => {});

  // Each push has to show something, else browsers end the subscription. A withdrawal takes the place of what
  // it withdraws as a short notice, without a sound and without buttons.
  const show = ({ title, text, note, link, image, tag, story, language, direction, receipt, withdraws }) =>
    self.registration.showNotification(title, {
      body: [text, note].filter(Boolean).join("\n"),
      image: withdraws ? undefined : image,
      tag,
      renotify: Boolean(tag) && !withdraws,
      silent: Boolean(withdraws),
      lang: language,
      dir: direction,
      data: { link, story, receipt },
      actions: withdraws || !story ? [] : [
        { action: "mute", title: buttons.mute },
        { action: "settings", title: buttons.settings },
      ],
    });

  const open = async (link) => {
    if (!/^https?:/.test(link)) return;
    const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
    const there = windows.find((window) => window.url === link);
    await (there ? there.focus() : clients.openWindow(link));
  };
  const act = async (action, { link, story, receipt }) => {
    if (action === "mute") return ask("/api/push/mute", { ...await me(), story: Number(story) });
    if (action !== "settings") return Promise.all([open(link), count(receipt, "opened")]);
    const page = await ask("/api/push/settings", await me()).then((told) => told.page, () => home);
    return open(page);
  };

  // The browser changed its push subscription: Tocsin goes on at the new one.
  const repair = async (old) => {
    const [box, cache] = [await ask("/api/box"), await memory()];
    const kept = old ? known(old) : await (await cache.match("/tocsin-push/"))?.json();
    const bytes = Uint8Array.from(atob(box.key.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const how = { userVisibleOnly: true, applicationServerKey: bytes };
    const { pushManager } = self.registration;
    const now = await pushManager.subscribe(how).catch(async () => { // one of an older key stands in the way
      await (await pushManager.getSubscription())?.unsubscribe();
      return pushManager.subscribe(how);
    });
    const old_one = kept?.endpoint ? { endpoint: kept.endpoint, auth: kept.auth } : null;
    const { topics } = await ask("/api/push/repair", { subscription: now, key: box.key_id, old: old_one });
    await cache.put("/tocsin-push/", new Response(JSON.stringify({ ...known(now), topics, at: Date.now() })));
  };

  addEventListener("install", () => skipWaiting());
  addEventListener("push", (event) => {
    const said = event.data.json();
    event.waitUntil(Promise.all([show(said), count(said.receipt, "shown")]));
  });
  addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(act(event.action, event.notification.data));
  });
  addEventListener("pushsubscriptionchange", (event) => event.waitUntil(repair(event.oldSubscription)));
})();
