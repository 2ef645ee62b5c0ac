// The order of an application's wheels: in an environment, the files of a later wheel replace those of an earlier one at the same paths.

/**
 * The wheels in the order of their names, apart from those of groups, which have the order of the group. Of contradicting groups the last applies.
 *
 * @param wheels - sorted by name
 */
export function orderWheels<Wheel extends { name: string }>(
  wheels: readonly Wheel[],
  groups: readonly (readonly string[])[],
): Wheel[] {
  return groups.reduce<Wheel[]>(
    (ordered, group) => {
      const members = group.flatMap((name) => ordered.filter((wheel) => wheel.name === name));
      const next = new Set(members).values();
      return ordered.map((wheel) => (members.includes(wheel) ? (next.next().value ?? wheel) : wheel));
    },
    [...wheels],
  );
}
