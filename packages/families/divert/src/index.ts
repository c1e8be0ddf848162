export { AF_DIVERT, divertFamily, PF_DIVERT } from './family';
