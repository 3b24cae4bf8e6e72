/* Shows, while one types a topic, what it would have told last week. Without it there is a button. */
(() => {
  const words = document.getElementById("q");
  const place = document.getElementById("preview");
  let timer, asked;
  const look = async () => {
    asked?.abort();
    asked = new AbortController();
    const address = `/me/topics/own?part=preview&q=${encodeURIComponent(words.value)}`;
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (answer.ok) place.innerHTML = await answer.text();
    } catch { /* typed on meanwhile, or away: the next pause asks again */ }
  };
  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 400);
  });
})();
