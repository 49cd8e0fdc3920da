// Says by the reader's clock which day is today and how old the copies are. Without it all that stands here is true.
(function () {
  "use strict";
  var told = document.body.dataset, words = JSON.parse(told.words), now = new Date();
  var today = dayIn(now), tomorrow = new Date(Date.parse(today) + 86400000).toISOString().slice(0, 10);
  var groups = all("section.group");
  var hours = told.changed ? (now - new Date(told.changed)) / 3600000 : Infinity;
  // A copy is never from the future, and nobody reads a page of last year: then it is the clock that is wrong.
  var wrongClock = today < told.today || hours < -1 || now - new Date(told.today) > 400 * 86400000;
  tellAge();
  if (!wrongClock) { groups.forEach(arrange); }
  if (groups.length > 8) { addFilter(); }
  // Older browsers print nothing of what is folded.
  window.addEventListener("beforeprint", function () {
    all("details:not([open])").forEach(function (fold) { fold.open = true; fold.dataset.opened = "yes"; });
  });
  window.addEventListener("afterprint", function () {
    all("details[data-opened]").forEach(function (fold) { fold.open = false; delete fold.dataset.opened; });
  });

  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }
  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }
  // The day in the copies' own time zone, whatever the machine's is.
  function dayIn(instant) {
    return new Intl.DateTimeFormat("sv-SE", {
      timeZone: told.zone, year: "numeric", month: "2-digit", day: "2-digit"
    }).format(instant);
  }
  function inWords(instant) {
    return new Intl.DateTimeFormat(document.documentElement.lang === "sv" ? "sv-SE" : "en-GB", {
      timeZone: told.zone, weekday: "long", day: "numeric", month: "long", year: "numeric"
    }).format(instant).replace(",", "");
  }
  function ageInWords() {
    var whole = Math.round(hours);
    if (whole < 1) { return words.just_now; }
    if (whole === 1) { return words.hour; }
    return whole <= 96 ? fill(words.hours, { count: whole }) : fill(words.days, { count: Math.round(whole / 24) });
  }
  function tellAge() {
    var box = document.getElementById("age"), doubt = document.getElementById("doubt"), day = inWords(now);
    var old = wrongClock || hours > Number(told.staleHours);
    if (!wrongClock && !told.changed) { return; }
    doubt.textContent = fill(wrongClock ? words.clock : old ? words.old : words.fresh, {
      day: day, age: ageInWords(), it: words.it
    });
    doubt.className = "told";
    box.classList.toggle("old", old);
  }

  // Today comes first, the days to come after it, those that have passed into the fold.
  function arrange(group) {
    var fold = group.querySelector("details"), earlier = fold.querySelector(".earlier");
    var first = group.querySelector(".first");
    all(".day", group).forEach(function (day) {
      var date = day.dataset.day;
      if (date === today) { mark(day, "today"); }
      if (date === tomorrow) { mark(day, "tomorrow"); }
      if (date < today && !fold.contains(day)) {
        day.classList.remove("first");
        earlier.prepend(day);
      }
    });
    // A week's file goes as its last day does.
    all(".week", group).forEach(function (week) {
      if (week.dataset.last >= today) { return; }
      mark(week, "not_today");
      if (!fold.contains(week)) { earlier.lastElementChild.before(week); }
    });
    if (first.dataset.day === today) { return; }
    var current = group.querySelector('.day[data-day="' + today + '"]');
    if (!current) {
      current = none();
      all(".day", group).forEach(function (day) { mark(day, "not_today"); });
      fold.open = true;
    }
    current.classList.add("first");
    (group.querySelector(".phone") || group.querySelector("h2")).after(current);
  }
  function mark(day, name) {
    var label = document.createElement("span");
    label.className = "label " + name;
    label.textContent = words[name];
    (day.querySelector("h3") || day).append(" ", label);
  }
  function none() {
    var day = document.createElement("div"), heading = document.createElement("h3"), text = document.createElement("p");
    day.className = "day";
    heading.textContent = inWords(now).replace(/^./, function (letter) { return letter.toUpperCase(); });
    text.className = "note bad";
    text.textContent = fill(words.no_list, { planner: words.planner });
    day.append(heading, text);
    mark(day, "today");
    return day;
  }

  function addFilter() {
    var label = document.createElement("label"), input = document.createElement("input");
    var found = document.createElement("p"), list = document.querySelector("nav ul");
    var jumps = all("li", list);
    input.type = "search";
    label.append(words.filter, input);
    found.setAttribute("role", "status");
    list.before(label, found);
    function plain(text) { return text.trim().normalize("NFC").toLocaleLowerCase("sv"); }
    input.addEventListener("input", function () {
      var asked = plain(input.value);
      var left = groups.filter(function (group) {
        group.hidden = plain(group.querySelector("h2").textContent).indexOf(asked) < 0;
        return !group.hidden;
      });
      // Where only letters stand there, all of them stay.
      if (jumps.length === groups.length) {
        jumps.forEach(function (jump, n) { jump.hidden = groups[n].hidden; });
      }
      found.textContent = asked ? fill(words.found, { count: left.length, all: groups.length }) : "";
    });
    input.addEventListener("keydown", function (event) {
      var link = event.key === "Enter" && groups.filter(function (group) { return !group.hidden; })[0];
      if (link && (link = link.querySelector(".files a"))) { link.focus(); }
    });
  }
})();
