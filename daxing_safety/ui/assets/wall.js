/* 大屏: fetches its own page again and again and puts the new figures in place of the old. What
   cannot be fetched is said on the screen; a sign-in that is over leads to the sign-in page. */
(() => {
  const every = Number(document.body.dataset.every) * 1000;
  const MAP_STAYS = 12000;
  const GIVES_UP = 15000;
  let last = Date.now();

  const at = (id) => document.getElementById(id);

  const turnMaps = () => {
    const maps = [...document.querySelectorAll(".map")];
    const shown = Math.floor(Date.now() / MAP_STAYS) % maps.length;
    maps.forEach((map, place) => {
      map.hidden = place !== shown;
    });
  };

  const take = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const figures = fresh.getElementById("wall");
    if (figures === null) {
      location.reload();
      return;
    }
    at("wall").replaceChildren(...figures.childNodes);
    for (const id of ["moment", "until"]) at(id).textContent = fresh.getElementById(id).textContent;
    turnMaps();
  };

  const warn = () => {
    const minutes = Math.floor((Date.now() - last) / 60000);
    const since = minutes ? `已 ${minutes} 分钟没有刷新` : "正在重新连接";
    at("stale").textContent = `连接中断，${since}`;
    at("stale").hidden = false;
    document.body.classList.add("stale");
  };

  const refresh = async () => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), GIVES_UP);
    try {
      const answer = await fetch("/wall", { cache: "no-store", signal: stop.signal });
      if (!answer.ok && answer.status !== 403) throw new Error(String(answer.status));
      take(await answer.text());
      last = Date.now();
      at("stale").hidden = true;
      document.body.classList.remove("stale");
    } catch {
      warn();
    } finally {
      clearTimeout(timer);
      setTimeout(refresh, every);
    }
  };

  turnMaps();
  setInterval(turnMaps, 1000);
  setTimeout(refresh, every);
})();
