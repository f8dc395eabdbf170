import { max } from "./kit.js";

export function softmaxOf(scores) {
  const top = max(...scores);
  const powers = scores.map(score => Math.exp(score - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map(power => power / sum);
}
