// The study: first screen, pairs, end. What is answered is stored at once; what is shown follows from the session.
(() => {
  const $ = (id) => document.getElementById(id);
  const study = JSON.parse($("study-data").textContent);
  const languages = JSON.parse($("study-words").textContent);
  const QUESTIONS = ["meaning", "naturalness"], ANSWERS = ["left", "same", "right"];
  const PAUSE = 0.6; // seconds of the last pose before the motions begin again
  const VIEW = { turn: 0.55, rise: 0.22, away: 4.6 };
  const INTERACTIVE = "button, input, a, select, textarea";

  let language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
  let session = null, trials = [], active = 0, shown = null, playing = true, time = 0, colours = null;
  const camera = { ...VIEW };
  const word = (name) => languages[language][name];
  const filled = (name, values) => word(name).replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const answer = () => session.answers[session.at];

  // Words

  function translate() {
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
    for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
    const other = language === "zh" ? "en" : "zh";
    $("language").textContent = languages[other].name;
    $("language").lang = other;
    $("title").textContent = study.title;
    $("contact").textContent = study.contact ? word("contact") + study.contact : "";
    $("rules").replaceChildren(...word("rules").map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    for (const name of ["replay", "front", "back"]) $(name).textContent = word(name);
    for (const side of ["left", "right"]) $(`${side}-stage`).setAttribute("aria-label", `${word(side)}: ${word("stage")}`);
    for (const name of QUESTIONS) {
      $(name).querySelector("legend").textContent = word(name);
      ANSWERS.forEach((choice) => { $(`${name}-${choice}`).textContent = word(choice); });
    }
    if (session) render();
  }

  function questions() {
    QUESTIONS.forEach((name, number) => {
      const box = document.createElement("fieldset");
      box.id = name;
      box.append(document.createElement("legend"));
      const choices = Object.assign(document.createElement("div"), { className: "choices" });
      ANSWERS.forEach((choice, key) => {
        const label = document.createElement("label"), face = document.createElement("span");
        const input = Object.assign(document.createElement("input"), { type: "radio", name, value: choice });
        input.addEventListener("change", () => choose(number, choice));
        input.addEventListener("focus", () => { active = number; mark(); });
        // After a click the keys are to mean what the first screen says, not what the button would do with them.
        input.addEventListener("click", (event) => { if (event.detail) input.blur(); });
        face.append(Object.assign(document.createElement("kbd"), { textContent: key + 1 }),
          Object.assign(document.createElement("b"), { id: `${name}-${choice}` }));
        label.append(input, face);
        choices.append(label);
      });
      box.append(choices);
      $("questions").append(box);
    });
  }

  // Screens

  function show(screen) {
    for (const name of ["intro", "trial", "end"]) $(name).hidden = name !== screen;
    $("where").hidden = $("save").hidden = screen === "intro";
    document.body.classList.toggle("busy", screen !== "intro");
  }

  function begin(rater) {
    trials = Order.plan(study.pairs.length, study.repeats, `${study.study}/${rater}`);
    session = Store.open(study.study, rater, trials.length);
    if (session.language) language = session.language;
    translate();
    go(session.at);
  }

  function go(index) {
    session.at = Math.max(0, Math.min(index, trials.length));
    active = 0;
    $("hint").textContent = $("saved").textContent = "";
    keep();
    render();
  }

  function render() {
    const { at } = session;
    $("bar").value = session.answers.filter(Store.complete).length / trials.length;
    $("count").textContent = filled("count", { at: Math.min(at + 1, trials.length), all: trials.length });
    if (at >= trials.length) {
      shown = null;
      show("end");
      return;
    }
    const pair = study.pairs[trials[at].pair];
    $("words").textContent = pair.prompt;
    $("translation").textContent = language === "zh" ? pair.translation : "";
    show("trial");
    if (!shown || shown.at !== at) load(at, pair);
    $("pause").textContent = word(playing ? "pause" : "play");
    $("back").setAttribute("aria-disabled", String(at === 0));
    $("next").textContent = word(at + 1 === trials.length ? "finish" : "next");
    mark();
  }

  function load(at, pair) {
    const sides = trials[at].swap ? [1, 0] : [0, 1];
    const motions = sides.map((side) => Figure.decode(pair.motions[side].data, study.points, study.fps));
    const seconds = (Math.max(...motions.map((motion) => motion.frames)) - 1) / study.fps;
    shown = { at, motions, seconds };
    time = 0;
    playing = true;
    Object.assign(camera, VIEW);
  }

  function mark() {
    if (!session || session.at >= trials.length) return;
    QUESTIONS.forEach((name, number) => {
      $(name).classList.toggle("active", number === active);
      for (const input of $(name).querySelectorAll("input")) input.checked = answer()[name] === input.value;
    });
    $("next").setAttribute("aria-disabled", String(!Store.complete(answer())));
  }

  // Actions

  const keep = () => { session.language = language; Store.save(session); };

  function choose(number, choice) {
    answer()[QUESTIONS[number]] = choice;
    active = QUESTIONS.findIndex((name) => !answer()[name]);
    if (active < 0) active = number;
    $("hint").textContent = "";
    keep();
    render();
  }

  function next() {
    if (Store.complete(answer())) go(session.at + 1);
    else $("hint").textContent = word("hint");
  }

  function save() {
    const name = `ratings-${study.study}-${session.rater}.json`;
    Store.download(Store.ratings(session, study, trials, language), name);
    $("saved").textContent = $("hint").textContent = filled("downloaded", { file: name });
  }

  const replay = () => { time = 0; playing = true; render(); };
  const pause = () => { playing = !playing; render(); };
  const turn = (across, up) => {
    camera.turn += across;
    camera.rise = Math.max(0.02, Math.min(1.45, camera.rise + up));
  };

  const KEYS = {
    1: () => choose(active, "left"), 2: () => choose(active, "same"), 3: () => choose(active, "right"),
    " ": pause, r: replay, Enter: next, Backspace: () => go(session.at - 1),
    ArrowLeft: () => turn(-0.15, 0), ArrowRight: () => turn(0.15, 0),
    ArrowUp: () => { active = 0; mark(); }, ArrowDown: () => { active = 1; mark(); },
  };

  function key(event) {
    if (!session || event.ctrlKey || event.metaKey || event.altKey) return;
    if ($("trial").hidden) {
      if (event.key === "Backspace" && !$("end").hidden) go(session.at - 1);
      return;
    }
    const native = event.target.closest(INTERACTIVE);
    if (native && (event.key === " " || event.key === "Enter" || event.key.startsWith("Arrow"))) return;
    const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || (event.repeat && !event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    action();
  }

  function orbit(canvas) {
    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) turn(-event.movementX * 0.01, event.movementY * 0.008);
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      camera.away = Math.max(2.2, Math.min(12, camera.away * Math.exp(event.deltaY * 0.001)));
    }, { passive: false });
  }

  // Time

  let before = 0;
  function tick(now) {
    const passed = Math.min((now - before) / 1000, 0.25); // a hidden tab stands still
    before = now;
    if (shown) {
      if (playing) time = (time + passed) % (shown.seconds + PAUSE);
      answer().seconds = (answer().seconds || 0) + passed;
      shown.motions.forEach((motion, side) => {
        Figure.draw($(side ? "right-stage" : "left-stage"), motion, time * study.fps, study.bones, camera, colours);
      });
    }
    requestAnimationFrame(tick);
  }

  // Start

  $("start").noValidate = true;
  $("start").addEventListener("submit", (event) => {
    event.preventDefault();
    const rater = $("rater").value.trim();
    const problem = !/^[A-Za-z0-9_-]{1,32}$/.test(rater) ? ["badCode", "rater"] : !$("agree").checked ? ["noConsent", "agree"] : null;
    $("problem").textContent = problem ? word(problem[0]) : "";
    if (problem) $(problem[1]).focus();
    else begin(rater);
  });
  $("language").addEventListener("click", () => {
    language = language === "zh" ? "en" : "zh";
    if (session) keep();
    translate();
  });
  $("other").addEventListener("click", () => {
    Store.leave(study.study);
    session = shown = null;
    $("start").reset();
    show("intro");
  });
  const buttons = {
    save, "save-end": save, replay, pause, next,
    front: () => Object.assign(camera, VIEW), back: () => go(session.at - 1), again: () => go(session.at - 1),
  };
  for (const [name, action] of Object.entries(buttons)) {
    $(name).addEventListener("click", (event) => {
      action();
      if (event.detail) $(name).blur();
    });
  }
  for (const side of ["left", "right"]) orbit($(`${side}-stage`));
  document.addEventListener("keydown", key);
  window.addEventListener("pagehide", () => { if (session) keep(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { colours = Figure.palette(); });
  $("forgetful").hidden = Store.works;
  questions();
  colours = Figure.palette();
  translate();
  const rater = Store.current(study.study);
  if (rater) begin(rater);
  else show("intro");
  requestAnimationFrame(tick);
})();
