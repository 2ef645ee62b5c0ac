#!/usr/bin/env node
import '../dist/ci/main.js';
