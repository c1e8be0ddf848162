// Before each test file. If fs has looked at a pipe or a socket last, Node 20's require() does not follow symbolic links
// (realpathSync reads what the last stat left), and loads a package that a test before this file has loaded once more.
import { statSync } from 'node:fs';

statSync('/');
