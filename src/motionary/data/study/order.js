"use strict";
// Which pairs a rater sees, in which order and on which sides: decided by study and code alone, so a reload changes nothing.
const Order = (() => {
  // A text becomes a stream of numbers in [0, 1): FNV-1a gives the state, mulberry32 the stream.
  function seeded(text) {
    let state = 2166136261;
    for (const character of text) {
      state = Math.imul(state ^ character.codePointAt(0), 16777619);
    }
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }

  function shuffled(list, random) {
    const result = list.slice();
    for (let last = result.length - 1; last > 0; last -= 1) {
      const other = Math.floor(random() * (last + 1));
      [result[last], result[other]] = [result[other], result[last]];
    }
    return result;
  }

  // [{pair, swap, repeat}]: every pair once, half of them swapped; then some of the first half again with sides swapped,
  // scattered over the second half and never right after their first showing.
  function plan(pairs, repeats, text) {
    const random = seeded(text);
    const order = shuffled([...Array(pairs).keys()], random);
    const swaps = shuffled(order.map((_, index) => index % 2 === 1), random);
    const trials = order.map((pair, index) => ({ pair, swap: swaps[index], repeat: false }));
    const half = Math.floor(pairs / 2);
    const again = shuffled(trials.slice(0, half), random).slice(0, repeats);
    for (const first of again) {
      const least = Math.max(half, trials.indexOf(first) + 2);
      const place = least + Math.floor(random() * (trials.length - least + 1));
      trials.splice(Math.min(place, trials.length), 0, { pair: first.pair, swap: !first.swap, repeat: true });
    }
    return trials;
  }

  return { plan };
})();
