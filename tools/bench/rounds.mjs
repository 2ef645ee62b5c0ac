// Measures contestants in rounds: each round runs every contestant once, so that noise on the machine affects all of them alike.

/**
 * @template {{ name: string }} Contestant
 * @template Measure
 * @param {{ bench: string, rounds: number, contestants: Contestant[] }} plan
 * @param {(contestant: Contestant, round: number) => Promise<Measure>} measure
 * @returns {Promise<(Contestant & { measures: Measure[] })[]>}
 */
export async function measureInRounds({ bench, rounds, contestants }, measure) {
  const results = contestants.map((contestant) => ({ ...contestant, measures: [] }));
  for (let round = 0; round < rounds; round++) {
    console.error(`bench: ${bench}, round ${round + 1} of ${rounds}`);
    for (const [position, contestant] of contestants.entries()) {
      results[position].measures.push(await measure(contestant, round));
    }
  }
  return results;
}
