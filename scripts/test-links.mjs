// Before each test file. If fs has looked at a pipe or a socket last, require() of Node 20 and 22 does not follow symbolic links
// (realpathSync reads what the last stat left), and loads a package that a test before this file has loaded once more.
import { statSync } from 'node:fs';

statSync('/');
