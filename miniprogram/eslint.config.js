import globals from 'globals'
import vue from 'eslint-plugin-vue'
import typescript from 'typescript-eslint'

const WORLD = 'Only src/platform and src/api talk to the world outside; give the call a name there.'
const OUTSIDE = ['uni', 'wx', 'window', 'document', 'navigator', 'localStorage', 'location', 'fetch', 'plus']

export default typescript.config(
  { ignores: ['dist/**', 'node_modules/**', 'src/custom-tab-bar/**'] },
  ...typescript.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: typescript.parser } },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    languageOptions: { globals: { ...globals.browser, uni: 'readonly', wx: 'readonly', getCurrentPages: 'readonly' } },
    rules: {
      'max-lines': ['error', { max: 300 }],
      complexity: ['error', 10],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-globals': ['error', ...OUTSIDE.map((name) => ({ name, message: WORLD }))],
      '@typescript-eslint/explicit-function-return-type': ['error', { allowExpressions: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      // Built-in tags of the mini-program (view, text, image) are single words, and so are our own small components.
      'vue/multi-word-component-names': 'off',
      // Layout of the markup is a matter of taste that a formatter would own; meaning is checked above.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always', normal: 'always' } }],
      // The mini-program's lists of classes and slots are compiled from plain props; a default says more than `undefined`.
      'vue/require-default-prop': 'off',
    },
  },
  { files: ['src/platform/**', 'src/api/**'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['src/api/schema.ts'], rules: { 'max-lines': 'off' } },
  { files: ['scripts/**', '*.{js,ts}'], languageOptions: { globals: globals.node } },
)
