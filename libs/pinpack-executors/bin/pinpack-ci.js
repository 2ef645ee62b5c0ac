#!/usr/bin/env node
import '../dist/bundle/ci/main.js';
