// What a rater has answered: kept in the browser after every key, and written out as the ratings file.
const Store = (() => {
  function storage() {
    try {
      window.localStorage.setItem("motionary-study", "1");
      return window.localStorage;
    } catch {
      return null; // private windows and some browsers refuse it for files
    }
  }

  const kept = storage();
  const place = (study, rater) => `motionary-study/${study}` + (rater === undefined ? "" : `/${rater}`);

  function read(name) {
    try {
      return JSON.parse(kept.getItem(name));
    } catch {
      return null; // nothing there, or not ours
    }
  }

  function write(name, value) {
    try {
      kept.setItem(name, JSON.stringify(value));
    } catch {
      // full or refused: the answers live on in the page and can be downloaded
    }
  }

  // The session of a rater: what is stored, if it fits this study, else a new one.
  function open(study, rater, trials) {
    const found = read(place(study, rater));
    const fits = found && found.study === study && Array.isArray(found.answers) && found.answers.length === trials;
    const session = fits ? found : {
      study, rater, at: 0, started: new Date().toISOString(), answers: Array.from({ length: trials }, () => ({})),
    };
    write(place(study), { rater });
    return session;
  }

  const save = (session) => write(place(session.study, session.rater), session);
  const current = (study) => (read(place(study)) || {}).rater;
  const leave = (study) => write(place(study), null);
  const complete = (answer) => Boolean(answer.meaning && answer.naturalness);

  // The ratings file; only trials with both answers are in it.
  function ratings(session, study, trials, language) {
    const rows = trials.flatMap((trial, index) => {
      const answer = session.answers[index];
      if (!complete(answer)) return [];
      const pair = study.pairs[trial.pair];
      const [left, right] = (trial.swap ? [1, 0] : [0, 1]).map((side) => pair.motions[side].id);
      return [{
        trial: index + 1, pair: pair.id, left, right, repeat: trial.repeat, meaning: answer.meaning,
        naturalness: answer.naturalness, seconds: Math.round(10 * (answer.seconds || 0)) / 10,
      }];
    });
    return {
      format: "motionary-study-ratings/1", study: study.study, rater: session.rater, language,
      started: session.started, saved: new Date().toISOString(), complete: rows.length === trials.length, trials: rows,
    };
  }

  function download(value, name) {
    const address = URL.createObjectURL(new Blob([JSON.stringify(value, null, 1) + "\n"], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  return { works: kept !== null, open, save, current, leave, complete, ratings, download };
})();
