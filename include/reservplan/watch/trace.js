// Says by the reader's clock how long ago the last look was. Without it all that stands here is true.
(function () {
  "use strict";
  var told = document.body.dataset, words = JSON.parse(told.words);
  var minutes = (new Date() - new Date(told.looked)) / 60000, age = document.getElementById("age");
  // A look is never in the future, and nobody reads a page of last year: then it is the clock that is wrong.
  if (minutes < -5 || minutes > 400 * 24 * 60) { age.textContent = words.clock; return; }
  var old = minutes > Number(told.silentMinutes);
  age.textContent = fill(old ? words.old : words.fresh, ageInWords(Math.max(0, Math.round(minutes))));
  document.getElementById("look").classList.toggle("old", old);
  function fill(text, age) { return text.replace("{age}", age); }
  function ageInWords(whole) {
    if (whole < 90) { return words.minutes.replace("{count}", whole); }
    var hours = Math.round(whole / 60);
    return hours < 49 ? words.hours.replace("{count}", hours) : words.days.replace("{count}", Math.round(hours / 24));
  }
})();
