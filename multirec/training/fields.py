"""What screens, forms and machines write: program text, addresses, codes, sums, units, rare signs in their places.

A template names what is to be filled in as ``⟨name⟩``; ``filled`` draws it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Words = Callable[[random.Random, int], str]
"""Draws running text of about so many characters."""

_CODE = r"""
def ⟨name⟩(self, ⟨name⟩: ⟨type⟩ = ⟨value⟩) -> ⟨type⟩:|⟨name⟩ = ⟨name⟩[⟨few⟩:⟨few⟩]|return ⟨name⟩ if ⟨name⟩ else ⟨value⟩
for (int ⟨letter⟩ = 0; ⟨letter⟩ < ⟨name⟩; ⟨letter⟩++) {|if (⟨name⟩ ⟨compare⟩ ⟨value⟩ && !⟨name⟩) {|} else {|});|}
while (⟨name⟩-- > 0 || ⟨name⟩ != NULL)|const ⟨Name⟩ *⟨name⟩ = &⟨name⟩->⟨name⟩;|#define ⟨CONSTANT⟩ (1 << ⟨few⟩)
#include <⟨name⟩/⟨name⟩.h>|std::vector<⟨type⟩> ⟨name⟩{⟨few⟩, ⟨few⟩};|template <typename ⟨LETTER⟩> class ⟨Name⟩;|/* ⟨words⟩ */
// ⟨words⟩|# ⟨words⟩|-- ⟨words⟩|let ⟨camel⟩ = (⟨letter⟩, ⟨letter⟩) => ⟨letter⟩ ⟨operator⟩ ⟨letter⟩;|⟨camel⟩.⟨camel⟩(`${⟨camel⟩}`);
const { ⟨camel⟩, ⟨camel⟩ } = await ⟨camel⟩("⟨path⟩");|"⟨name⟩": ⟨value⟩,|"⟨name⟩": {"⟨name⟩": [⟨few⟩, ⟨few⟩]},|⟨name⟩: "⟨words⟩"
<⟨tag⟩ class="⟨kebab⟩" id='⟨name⟩'>|</⟨tag⟩>|<⟨tag⟩>⟨words⟩</⟨tag⟩>|<!-- ⟨words⟩ -->|<a href="⟨url⟩">⟨words⟩</a>|&nbsp;|&lt;⟨tag⟩&gt;
.⟨kebab⟩ { margin: ⟨few⟩px auto; }|#⟨kebab⟩ > ⟨tag⟩:hover {|color: #⟨hex⟩;|SELECT ⟨name⟩, COUNT(*) FROM ⟨name⟩ WHERE ⟨name⟩ = '⟨word⟩';
$ ⟨word⟩ --⟨kebab⟩=⟨value⟩ -⟨letter⟩ ⟨path⟩ | ⟨word⟩|sudo ⟨word⟩ -⟨letter⟩⟨letter⟩ ⟨path⟩ && echo $?|export ⟨CONSTANT⟩="$⟨CONSTANT⟩:⟨path⟩"
⟨name⟩ = {⟨letter⟩: ⟨letter⟩ ⟨operator⟩ ⟨few⟩ for ⟨letter⟩ in ⟨name⟩}|print(f"{⟨name⟩:>⟨few⟩} ⟨words⟩")|assert ⟨name⟩[-1] == ⟨value⟩, ⟨name⟩
@⟨name⟩.⟨name⟩|lambda ⟨letter⟩: ⟨letter⟩ ** ⟨few⟩|⟨Name⟩::⟨camel⟩(&mut self) -> Result<⟨type⟩, ⟨Name⟩>|fn ⟨name⟩<'a>(⟨letter⟩: &'a str) {|⟨name⟩ |= ~⟨CONSTANT⟩ & 0x⟨hex⟩;
^[A-Z]\w+(\d{⟨few⟩})?$|s/⟨word⟩/⟨word⟩/g|\begin{⟨word⟩}[⟨letter⟩]|$\frac{⟨letter⟩_{⟨few⟩}}{⟨letter⟩^{⟨few⟩}}$|⟨CONSTANT⟩=⟨value⟩|[⟨word⟩.⟨name⟩]|- ⟨name⟩: ⟨value⟩
public static void ⟨camel⟩(String[] ⟨letter⟩) {|@Override|throw new ⟨Name⟩("⟨words⟩");|System.out.println(⟨letter⟩ + "\n");|import ⟨name⟩.⟨name⟩ as ⟨letter⟩|__⟨name⟩__|self._⟨name⟩|def __⟨word⟩__(self):|⟨name⟩.__⟨word⟩__|__⟨word⟩__|⟨letter⟩ = {⟨letter⟩: ⟨letter⟩ for ⟨letter⟩ in ⟨letter⟩_⟨letter⟩}
⟨letter⟩ = ⟨letter⟩ ⟨operator⟩ ⟨few⟩;|⟨letter⟩[⟨letter⟩] += ⟨letter⟩[⟨letter⟩-1];|⟨letter⟩ ⟨letter⟩ ⟨letter⟩ ⟨few⟩ ⟨few⟩|{⟨letter⟩ | ⟨letter⟩ > ⟨few⟩}|=⟨SUM⟩(⟨LETTER⟩⟨few⟩:⟨LETTER⟩⟨few⟩)|=$⟨LETTER⟩$⟨few⟩*⟨few⟩
"""  # noqa: E501

_ADDRESSES = r"""
⟨url⟩|⟨url⟩|⟨mail⟩|⟨mail⟩|⟨path⟩|⟨path⟩|⟨LETTER⟩:\⟨Word⟩\⟨name⟩\⟨file⟩|\\⟨word⟩\⟨name⟩$|~/⟨word⟩/⟨file⟩|~⟨word⟩|../⟨file⟩|./⟨name⟩|⟨file⟩|<⟨mail⟩>
mailto:⟨mail⟩|www.⟨word⟩-⟨word⟩.⟨domain⟩/⟨kebab⟩|@⟨name⟩|#⟨camel⟩|⟨word⟩.⟨domain⟩/~⟨word⟩/|⟨few⟩.⟨few⟩.⟨few⟩.⟨few⟩:⟨int⟩|fe80::⟨hex4⟩:⟨hex4⟩%eth⟨few⟩|doi:10.⟨int⟩/⟨name⟩
%USERPROFILE%\⟨word⟩|$HOME/.⟨word⟩rc|file:///⟨word⟩/⟨name⟩|git@⟨word⟩.⟨domain⟩:⟨word⟩/⟨kebab⟩.git|⟨hex2⟩:⟨hex2⟩:⟨hex2⟩:⟨hex2⟩:⟨hex2⟩:⟨hex2⟩|arXiv:⟨four⟩.⟨five⟩
"""

_CODES = r"""
⟨name⟩|⟨name⟩|⟨CONSTANT⟩|⟨camel⟩|⟨Name⟩|_⟨name⟩|⟨kebab⟩|⟨iban⟩|⟨iban⟩|⟨iban4⟩|⟨mrz⟩|⟨mrz⟩|⟨hex8⟩|⟨hex8⟩-⟨hex4⟩-⟨hex4⟩-⟨hex4⟩|sha256:⟨hex8⟩⟨hex8⟩|0x⟨hex⟩|v⟨few⟩.⟨few⟩.⟨few⟩|⟨few⟩.⟨few⟩.⟨few⟩-rc⟨few⟩+⟨hex⟩
⟨word⟩-⟨few⟩.⟨few⟩_amd64.deb|⟨word⟩>=⟨few⟩.⟨few⟩,<⟨few⟩|⟨LETTER⟩⟨few⟩⟨LETTER⟩⟨few⟩|⟨code⟩-⟨code⟩|⟨code⟩/⟨few⟩|⟨code⟩_⟨code⟩|⟨LETTER⟩⟨LETTER⟩ ⟨four⟩ ⟨four⟩|ISBN 978-⟨few⟩-⟨four⟩-⟨four⟩-⟨few⟩|⟨five⟩-⟨four⟩|⟨code⟩
⟨four⟩ ⟨four⟩ ⟨four⟩ ⟨four⟩|**** **** **** ⟨four⟩|⟨four⟩-⟨four⟩-⟨four⟩|DE⟨int⟩|ATU⟨int⟩|⟨LETTER⟩⟨LETTER⟩-⟨LETTER⟩⟨LETTER⟩ ⟨int⟩|⟨date⟩T⟨time⟩Z|⟨date⟩ ⟨time⟩,⟨few⟩|[⟨time⟩] ⟨words⟩|#⟨hex⟩|U+⟨hex4⟩|&#⟨int⟩;|1e-⟨few⟩|⟨few⟩e+⟨few⟩
+⟨few⟩ (⟨few⟩) ⟨int⟩-⟨int⟩|(⟨few⟩) ⟨int⟩|+⟨few⟩ ⟨few⟩ ⟨int⟩ ⟨few⟩ ⟨few⟩|⟨int⟩/⟨int⟩-⟨few⟩|0⟨few⟩.⟨few⟩.⟨few⟩.⟨few⟩.⟨few⟩|⟨few⟩/⟨few⟩/⟨few⟩|{⟨hex8⟩-⟨hex4⟩}|⟨LETTER⟩⟨LETTER⟩⟨LETTER⟩ ⟨few⟩⟨few⟩⟨LETTER⟩|I/⟨LETTER⟩|⟨few⟩-⟨few⟩-⟨few⟩
"""  # noqa: E501

_FORMS = r"""
⟨Word⟩ ⟨dots⟩ ⟨few⟩|⟨words⟩⟨dots⟩⟨int⟩|⟨Word⟩: ⟨line⟩|⟨Word⟩⟨line⟩|⟨Word⟩ ⟨line⟩ ⟨Word⟩ ⟨line⟩|⟨line⟩, den ⟨line⟩|⟨dots⟩ / ⟨dots⟩|⟨spaced⟩|⟨spaced⟩|⟨Word⟩ ⟨spaced⟩|⟨few⟩ ⟨few⟩ ⟨few⟩ ⟨few⟩|⟨letter⟩ ⟨letter⟩ ⟨letter⟩ ⟨few⟩ ⟨few⟩
☐ ⟨Word⟩ ☐ ⟨Word⟩|☐ ⟨Word⟩ ☑ ⟨Word⟩|☑ ⟨words⟩|☐ ⟨words⟩|☒ ⟨words⟩|☒ ⟨Word⟩ ☐ ⟨Word⟩|[ ] ⟨Word⟩ [x] ⟨Word⟩|( ) ⟨Word⟩ (•) ⟨Word⟩|○ ⟨Word⟩ ● ⟨Word⟩|✓ ⟨words⟩|⟨words⟩ ✓|✓|□ ⟨words⟩|■ ⟨words⟩|● ⟨words⟩|○ ⟨words⟩
■ ⟨Word⟩ □ ⟨Word⟩|| ⟨Word⟩ | ⟨int⟩ | ⟨sum⟩ ||⟨Word⟩ | ⟨Word⟩ | ⟨few⟩|⟨int⟩ ⟨int⟩ ⟨sum⟩ ⟨few⟩%|⟨few⟩ ⟨Word⟩ ⟨sum⟩ ⟨sum⟩|+----+----+|=====|_____|-----|*****|⟨few⟩) ⟨words⟩|(⟨letter⟩) ⟨words⟩|[⟨few⟩] ⟨words⟩|⟨few⟩. ⟨few⟩. ⟨words⟩
• ⟨words⟩ ● ⟨words⟩|⟨Word⟩ ● ⟨Word⟩ ● ⟨Word⟩|⟨roman⟩. ⟨words⟩|⟨Word⟩ ⟨roman⟩|⟨Word⟩ ⟨roman⟩ & ⟨roman⟩|Vol. ⟨roman⟩, p. ⟨few⟩|⟨letter⟩ ⟨letter⟩ ⟨letter⟩ ⟨letter⟩|⟨letter⟩ ⟨few⟩ ⟨letter⟩ ⟨few⟩|⟨LETTER⟩ ⟨LETTER⟩ ⟨LETTER⟩ ⟨few⟩ ⟨few⟩ ⟨few⟩|⟨roman⟩|⟨Word⟩ ⟨roman⟩.|⟨few⟩ ⟨few⟩ ⟨few⟩|⟨Word⟩: ___ ⟨Word⟩: ___|✓ ⟨Word⟩ ☐ ⟨Word⟩
"""  # noqa: E501

_SIGNS = r"""
⟨amount⟩ µm|⟨amount⟩ µl|⟨amount⟩ µg/ml|⟨amount⟩ µF|⟨amount⟩ µs|µ = ⟨amount⟩|⟨few⟩ µ|⟨amount⟩ Ω|⟨amount⟩ kΩ|⟨few⟩ MΩ|R⟨few⟩ = ⟨amount⟩ Ω|⟨few⟩Ω|⟨letter⟩ ≤ ⟨amount⟩|⟨letter⟩ ≥ ⟨amount⟩|≥ ⟨few⟩ %|≤⟨few⟩|⟨few⟩ ≤ ⟨letter⟩ ≤ ⟨few⟩|≈ ⟨amount⟩|⟨letter⟩ ≈ ⟨amount⟩
⟨amount⟩ ≈ ⟨amount⟩|⟨letter⟩ ≠ ⟨letter⟩|≠ ⟨few⟩|√⟨few⟩ = ⟨amount⟩|√(⟨letter⟩² + ⟨letter⟩²)|√⟨letter⟩|∞|⟨letter⟩ → ∞|−∞ < ⟨letter⟩ < ∞|0 … ∞|¬⟨letter⟩|¬(⟨letter⟩ = ⟨letter⟩)|π ≈ 3,14159|2π⟨letter⟩|π⟨letter⟩²|⟨few⟩π/⟨few⟩|α = ⟨amount⟩|β = ⟨amount⟩|α-⟨word⟩
β-⟨word⟩|⟨Word⟩ α|⟨Word⟩ β|IFN-α|TGF-β⟨few⟩|α, β|α- ⟨word⟩|⟨Word⟩ → ⟨Word⟩|⟨Word⟩ → ⟨Word⟩ → ⟨Word⟩|→ ⟨words⟩|→|← ⟨Word⟩|⟨words⟩ →|← ⟨words⟩|⟨Word⟩ ↑|⟨Word⟩ ↓|↑ ⟨few⟩ %|↓ ⟨few⟩ %|↑↓|⟨few⟩ ↑ ⟨few⟩ ↓|⟨letter⟩ ← ⟨letter⟩|→ S. ⟨few⟩|⟨sum⟩ ₺|₺ ⟨sum⟩|₺⟨sum⟩
₹⟨sum⟩|₹ ⟨sum⟩|⟨sum⟩ ₽|₽ ⟨sum⟩|₣ ⟨sum⟩|⟨sum⟩ ₣|¤ ⟨sum⟩|⟨int⟩ ¤|€ ⟨sum⟩|£⟨sum⟩|¥⟨int⟩|⟨few⟩¢|⟨sum⟩ €|⅓ ⟨word⟩|⅔ ⟨word⟩|⟨few⟩⅓|⟨few⟩ ⅔|⅛ in|⅜ inch|⟨few⟩⅝″|⟨few⟩⅞|⟨few⟩ ⅛|⟨few⟩⅜|⟨few⟩½|¾ ⟨word⟩|⟨few⟩¼ ⟨Word⟩|⅞ ⟨word⟩|⟨few⟩⅝ ⟨word⟩|1⅔|⅔ l|⟨few⟩ ⅝ × ⟨few⟩ ⅞
10⟨raised⟩|10⁻|10⟨raised⟩⟨raised⟩|⟨amount⟩ · 10⟨raised⟩|⟨amount⟩ × 10⟨raised⟩|⟨letter⟩⟨raised⟩|⟨words⟩⟨raised⟩|⟨words⟩.⟨raised⟩|⟨words⟩⟨raised⟩⟨raised⟩|⟨raised⟩ ⟨words⟩|⟨raised⟩⟨raised⟩ ⟨words⟩|⟨raised⟩) ⟨words⟩|m³|cm²|⟨few⟩ m²|⟨few⟩ m³|H₂O|CO₂|⟨LETTER⟩⟨lowered⟩⟨LETTER⟩⟨lowered⟩|⟨letter⟩⟨lowered⟩
⟨LETTER⟩⟨lowered⟩O⟨lowered⟩|log₂ ⟨letter⟩|B₁₂|C₆H₁₂O₆|⟨letter⟩⟨lowered⟩⟨lowered⟩|⟨letter⟩⟨lowered⟩ = ⟨letter⟩⟨lowered⟩ + ⟨few⟩|PM₂.₅|⟨letter⟩₀|⟨Word⟩⟨raised⟩|⟨few⟩⟨raised⟩|⟨few⟩° ⟨few⟩′ ⟨few⟩″|⟨few⟩°⟨few⟩′⟨few⟩″ N|⟨few⟩′ ⟨few⟩″|⟨few⟩′|⟨few⟩″|⟨few⟩″ × ⟨few⟩″|⟨few⟩ °C|⟨few⟩ ±⟨few⟩ %|⟨few⟩ ‰
⟨Word⟩ ⟨int⟩ mmol/l|⟨amount⟩ mg/dl|⟨amount⟩ g/l|⟨few⟩ km/h|⟨Word⟩ ⟨few⟩ U/l|⟨amount⟩ l/min|⟨sum⟩ €/l|⟨amount⟩ ml/kg|⟨few⟩ l|⟨amount⟩ l ⟨word⟩|⟨few⟩ m/s|⟨amount⟩ µmol/l
¦ ⟨word⟩|⟨word⟩ ¦ ⟨word⟩|⟨Word⟩ ¦ ⟨int⟩|¬⟨word⟩|⟨word⟩´s|l´⟨word⟩|´⟨word⟩´|⟨word⟩`s|`⟨word⟩`|``⟨words⟩''|¨|´|`|¸|¯|^|~|¨ ´ ` ¸ ¯|(¨)|¯\_(⟨letter⟩)_/¯|[´]|¸⟨few⟩|⟨few⟩¯|⟨word⟩ ~ ⟨word⟩|~⟨few⟩ %|^⟨few⟩|⟨letter⟩^⟨few⟩|⟨letter⟩~|¤|¦|¬|µ|§ ⟨few⟩|§§ ⟨few⟩–⟨few⟩|¶ ⟨few⟩|№ ⟨few⟩|⟨words⟩ ¶
©⟨four⟩ ⟨Word⟩|® ⟨Word⟩|⟨Word⟩™|⟨Word⟩®|⟨Word⟩ † ⟨four⟩|⟨Word⟩ ‡|* ⟨four⟩ † ⟨four⟩|⟨few⟩ª|⟨few⟩º ⟨Word⟩|N.º ⟨few⟩|⟨few⟩ × ⟨few⟩|⟨few⟩ ÷ ⟨few⟩|±⟨amount⟩|⟨few⟩…⟨few⟩|⟨Word⟩ · ⟨Word⟩|⟨Word⟩ • ⟨Word⟩|¿⟨words⟩?|¡⟨words⟩!|«⟨words⟩»|‹⟨words⟩›|„⟨words⟩“|‚⟨word⟩‘|»⟨words⟩«
Iż-żgħażagħ ħ⟨word⟩|Ħ⟨word⟩ ta' ⟨Word⟩|Ġ⟨word⟩ ċ⟨word⟩|il-⟨word⟩ ġ⟨word⟩ż|ċ⟨word⟩ u ħ⟨word⟩|Ċ⟨word⟩ Ġ⟨word⟩|Ŋ⟨word⟩ eŋ⟨word⟩|⟨word⟩ŋ|⟨word⟩ŋa|Ŋ⟨word⟩|⟨word⟩ŧ⟨word⟩|Ŧ⟨word⟩ š⟨word⟩|ⁿ⟨few⟩|[ŋ]|/⟨word⟩ŋ/|ħ = ⟨letter⟩/2π|ħω|⟨Word⟩ġ|ra⟨word⟩ŧ|⟨word⟩ħ|⟨word⟩ċ|Ħ⟨word⟩|Ŧ⟨word⟩|Ċ⟨word⟩
"""  # noqa: E501

_SPEECH = r"""
I⟨'⟩m ⟨words⟩|it⟨'⟩s ⟨words⟩|I⟨'⟩ll ⟨words⟩|don⟨'⟩t ⟨words⟩|they⟨'⟩re ⟨words⟩|we⟨'⟩ve ⟨words⟩|you⟨'⟩d ⟨words⟩|isn⟨'⟩t it|⟨words⟩⟨'⟩s ⟨word⟩|l⟨'⟩⟨words⟩|d⟨'⟩⟨words⟩|qu⟨'⟩⟨words⟩|j⟨'⟩ai ⟨words⟩|c⟨'⟩est ⟨words⟩|n⟨'⟩⟨word⟩|aujourd⟨'⟩hui|dell⟨'⟩⟨word⟩
un⟨'⟩⟨word⟩|gibt⟨'⟩s|⟨'⟩s ⟨word⟩|⟨'⟩⟨four⟩|rock ⟨'⟩n⟨'⟩ roll|o⟨'⟩clock|I⟨'⟩ll|it⟨'⟩ll|I⟨'⟩d ⟨words⟩ it⟨'⟩ll|Ill ⟨words⟩|illi ⟨word⟩|⟨word⟩ ⟨word⟩ ⟨word⟩|⟨WORD⟩ ⟨word⟩|⟨word⟩ ⟨WORD⟩|⟨WORD⟩ ⟨WORD⟩|⟨Word⟩ ⟨Word⟩ ⟨Word⟩|⟨camel⟩ ⟨word⟩|⟨WORD⟩|⟨WORD⟩: ⟨words⟩|⟨Word⟩⟨Word⟩
"⟨words⟩"|“⟨words⟩”|‘⟨words⟩’|„⟨words⟩”|“⟨words⟩,” ⟨word⟩ ⟨Word⟩|— ⟨words⟩|– ⟨words⟩ –|⟨word⟩—⟨word⟩|⟨words⟩ … ⟨words⟩|⟨words⟩...|(⟨words⟩)|[⟨words⟩]|⟨words⟩?!|⟨Word⟩/⟨Word⟩|⟨word⟩-⟨word⟩-⟨word⟩|⟨Word⟩ & ⟨Word⟩|⟨Word⟩ + ⟨Word⟩|⟨Word⟩, ⟨LETTER⟩. ⟨LETTER⟩.|⟨LETTER⟩.⟨LETTER⟩. ⟨Word⟩
"""  # noqa: E501


_NAMES = r"""
⟨Word⟩ St|⟨Word⟩ Street|⟨Word⟩ Road|⟨Word⟩ Rd.|⟨Word⟩ Ave|⟨Word⟩straße|⟨Word⟩weg|⟨Word⟩platz|Rue ⟨Word⟩|Rue de ⟨Word⟩
Via ⟨Word⟩|Calle ⟨Word⟩|Plaza ⟨Word⟩|Av. ⟨Word⟩|⟨Word⟩ Lane|⟨Word⟩ Square|⟨Word⟩ Park|⟨Word⟩ Hotel|Hotel ⟨Word⟩
Café ⟨Word⟩|⟨Word⟩ Café|Bar ⟨Word⟩|⟨Word⟩'s|⟨Word⟩’s|⟨Word⟩ & ⟨Word⟩|⟨Word⟩ & Co|⟨Word⟩ & Sons|⟨Word⟩ GmbH|⟨Word⟩ Ltd
⟨Word⟩ Inc.|⟨Word⟩ Bank|⟨Word⟩ Shop|⟨Word⟩ Store|⟨Word⟩ Pizza|Salon ⟨Word⟩|⟨Word⟩ ⟨Word⟩|⟨Word⟩|⟨Word⟩|⟨word⟩|⟨word⟩
⟨Word⟩!|⟨Word⟩?|⟨few⟩|⟨few⟩⟨LETTER⟩|⟨few⟩%|-⟨few⟩%|⟨few⟩% OFF|No. ⟨few⟩|Gate ⟨few⟩|⟨LETTER⟩⟨few⟩|Exit ⟨few⟩|P⟨few⟩
⟨few⟩ km|⟨few⟩ m|⟨few⟩h|⟨few⟩:⟨few⟩|⟨few⟩.⟨few⟩|$⟨few⟩|€⟨few⟩|£⟨few⟩.99|⟨few⟩¢|#⟨few⟩|#⟨few⟩-⟨few⟩|⟨code⟩|⟨few⟩-⟨few⟩
www.⟨word⟩.com|⟨word⟩.com|@⟨word⟩|Since ⟨four⟩|Est. ⟨four⟩|⟨four⟩|⟨LETTER⟩&⟨LETTER⟩|⟨LETTER⟩.⟨LETTER⟩.|⟨Word⟩-⟨Word⟩
Mon-Fri ⟨few⟩-⟨few⟩|Open ⟨few⟩am-⟨few⟩pm|⟨few⟩th|⟨few⟩nd ⟨Word⟩|Tel. ⟨int⟩|⟨few⟩-⟨four⟩|The ⟨Word⟩|⟨Word⟩ of ⟨Word⟩
St. ⟨Word⟩|Dr. ⟨Word⟩|⟨Word⟩®|⟨Word⟩™|⟨words⟩|⟨words⟩|⟨words⟩|⟨int⟩|⟨LETTER⟩⟨LETTER⟩⟨LETTER⟩|⟨LETTER⟩⟨LETTER⟩-⟨four⟩
"""


def _templates(text: str) -> list[str]:
    """Templates of a block: ``|`` without blanks around it parts them."""
    return [t for line in text.strip().splitlines() for t in re.split(r"(?<! )\|(?! )", line) if t]


SHARES: dict[str, tuple[float, list[str]]] = {
    "code": (0.24, _templates(_CODE)),
    "addresses": (0.16, _templates(_ADDRESSES)),
    "codes": (0.16, _templates(_CODES)),
    "forms": (0.14, _templates(_FORMS)),
    "speech": (0.3, _templates(_SPEECH)),
}
"""What is drawn by ``technical``: the share of each kind and its templates."""

_RARE, _NAMED = _templates(_SIGNS), _templates(_NAMES)
_CURLY = ("'", "’", "’", "´", "`")
_DIGITS = "0123456789"
_HEX = "0123456789abcdef"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉"
_DOMAINS = ("com", "org", "net", "de", "fr", "it", "es", "co.uk", "eu", "com.tr", "ch", "example", "info", "io", "edu")
_TYPES = ("int", "str", "float", "bool", "list[str]", "double", "char *", "void", "u32", "Path", "T", "None", "String")
_TAGS = ("div", "span", "p", "a", "li", "h1", "h2", "td", "tr", "input", "button", "ul", "body", "script", "option")
_ENDS = "txt csv py html pdf jpg tar.gz json xml log docx c sh yaml tif md".split()
_SUMS = ("SUM", "AVERAGE", "SUMME", "MAX", "IF", "VLOOKUP")
_ROMAN = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def technical(rng: random.Random, words: Words) -> str:
    """A line, or part of one, of program text, an address, a code, a form or speech."""
    kinds = list(SHARES.values())
    _, templates = rng.choices(kinds, [share for share, _ in kinds])[0]
    return filled(rng.choice(templates), rng, words)


def signs(rng: random.Random, words: Words, length: int) -> str:
    """Rare signs where documents have them, about ``length`` characters."""
    parts = [filled(rng.choice(_RARE), rng, words)]
    while sum(map(len, parts)) + 8 < length:
        parts.append(words(rng, rng.randint(4, 20)) if rng.random() < 0.4 else filled(rng.choice(_RARE), rng, words))
    rng.shuffle(parts)
    return rng.choice((" ", " ", ", ", "; ")).join(parts)


def numeral(rng: random.Random) -> str:
    """A Roman numeral, small ones more often."""
    return _roman(rng, _nothing)


def named(rng: random.Random, words: Words) -> str:
    """What is written over doors, on signs and on goods."""
    text = filled(rng.choice(_NAMED), rng, words)
    return text.upper() if rng.random() < 0.35 else text


def filled(template: str, rng: random.Random, words: Words) -> str:
    """``template`` with each ``⟨name⟩`` drawn."""
    return re.sub(r"⟨(.+?)⟩", lambda match: _drawn(match[1], rng, words), template)


def boxed(rng: random.Random) -> str:
    """What is written a letter a box: names in capitals, dates, numbers of accounts."""
    r = rng.random()
    if r < 0.3:
        return _some(rng, _DIGITS, rng.randint(1, 10))
    if r < 0.4:
        return _drawn("iban", rng, _nothing)
    if r < 0.5:
        return f"{rng.randint(1, 31):02}{rng.randint(1, 12):02}{rng.randint(1900, 2030)}"
    return ""


def _nothing(rng: random.Random, length: int) -> str:
    return ""


def _some(rng: random.Random, pool: str, count: int) -> str:
    return "".join(rng.choice(pool) for _ in range(count))


def _word(rng: random.Random, words: Words) -> str:
    """A word in small letters without anything else."""
    text = words(rng, 8).split(" ")
    return "".join(c for c in rng.choice(text).lower() if c.isalpha()) or "x"


def _plain(rng: random.Random, words: Words) -> str:
    """A short word of ASCII letters, as programs have them."""
    return "".join(c for c in _word(rng, words) if c.isascii())[:9] or rng.choice(("x", "tmp", "data", "get"))


def _parts(rng: random.Random, words: Words) -> list[str]:
    parts = [_plain(rng, words) for _ in range(rng.choice((1, 2, 2, 3)))]
    return [*parts, str(rng.randrange(20))] if rng.random() < 0.2 else parts


def _drawn(name: str, rng: random.Random, words: Words) -> str:
    """What stands for ⟨name⟩."""
    return _ATOMS[name](rng, words)


def _value(rng: random.Random, words: Words) -> str:
    pool = ("0", "1", "None", "true", "False", "null", "[]", "{}", '""', "-1", "0.5", f"'{_plain(rng, words)}'")
    return rng.choice((*pool, str(rng.randrange(10000))))


def _sum(rng: random.Random, words: Words) -> str:
    whole, cents = rng.randrange(10 ** rng.randint(1, 5)), rng.randrange(100)
    split = f"{whole:,}"
    return rng.choice(
        (f"{whole},{cents:02}", f"{whole}.{cents:02}", f"{split}.{cents:02}", split.replace(",", ".") + f",{cents:02}",
         split.replace(",", " ") + f",{cents:02}", str(whole), split.replace(",", "'") + f".{cents:02}", f"{whole},-")
    )  # fmt: skip


def _url(rng: random.Random, words: Words) -> str:
    site = f"{_plain(rng, words)}.{rng.choice(_DOMAINS)}"
    if rng.random() < 0.5:
        site = rng.choice(("www.", _plain(rng, words) + ".", _plain(rng, words) + "-")) + site
    path = "".join(f"/{'_'.join(_parts(rng, words))}" for _ in range(rng.randint(0, 3)))
    query = f"?{_plain(rng, words)}={rng.randrange(1000)}" if rng.random() < 0.3 else ""
    if query and rng.random() < 0.6:
        query += f"&{_plain(rng, words)}={_plain(rng, words)}%20{_plain(rng, words)}"
    if rng.random() < 0.15:
        query += f"#{_plain(rng, words)}"
    return rng.choice(("https://", "http://", "https://", "", "ftp://")) + site + path + query


def _mail(rng: random.Random, words: Words) -> str:
    return f"{rng.choice('._-').join(_parts(rng, words))}@{_plain(rng, words)}.{rng.choice(_DOMAINS)}"


def _path(rng: random.Random, words: Words) -> str:
    return "".join(f"/{rng.choice('_-.').join(_parts(rng, words))}" for _ in range(rng.randint(1, 4)))


def _iban(rng: random.Random, words: Words) -> str:
    bank = _some(rng, _CAPITALS, 4) if rng.random() < 0.4 else _some(rng, _DIGITS, 4)
    return _some(rng, _CAPITALS, 2) + _some(rng, _DIGITS, 2) + bank + _some(rng, _DIGITS, rng.randint(8, 16))


def _mrz(rng: random.Random, words: Words) -> str:
    """A line of a passport or a card, in the form of ICAO 9303."""
    width = rng.choice((30, 36, 44, 44))
    names = [_plain(rng, words).upper() for _ in range(3)]
    if rng.random() < 0.6:
        text = f"{rng.choice(('P<', 'I<', 'ID', 'V<', 'AC', 'PD'))}{_some(rng, _CAPITALS, 3)}{names[0]}<<{names[1]}"
        text += f"<{names[2]}" if rng.random() < 0.4 else ""
    elif rng.random() < 0.3:
        text = f"{names[0]}<<{names[1]}"
    else:
        number = _some(rng, _CAPITALS + _DIGITS, 9) + rng.choice(_DIGITS)
        text = f"{number}{_some(rng, _CAPITALS, 3)}{_some(rng, _DIGITS, 7)}{rng.choice('MF<')}{_some(rng, _DIGITS, 7)}"
    tail = rng.choice(_DIGITS) if rng.random() < 0.3 else "<"
    text = text[: width - 1].ljust(width - 1, "<") + tail
    if rng.random() < 0.4:  # a crop, or a word of it
        at = rng.randrange(len(text) - 8)
        text = text[at : at + rng.randint(8, 20)]
    return text


def _roman(rng: random.Random, words: Words) -> str:
    left, text = rng.choice((rng.randint(1, 13), rng.randint(1, 130))), ""
    for value, letters in _ROMAN:
        text, left = text + letters * (left // value), left % value
    return text


def _spaced(rng: random.Random, words: Words) -> str:
    pool = rng.choice((_DIGITS, _DIGITS, _DIGITS, _CAPITALS.lower(), _CAPITALS))
    return " ".join(_some(rng, pool, rng.randint(3, 10)))


_ATOMS: dict[str, Callable[[random.Random, Words], str]] = {
    "name": lambda rng, words: "_".join(_parts(rng, words)),
    "CONSTANT": lambda rng, words: "_".join(_parts(rng, words)).upper(),
    "kebab": lambda rng, words: "-".join(_parts(rng, words)),
    "Name": lambda rng, words: "".join(part.capitalize() for part in _parts(rng, words)),
    "camel": lambda rng, words: _plain(rng, words) + "".join(part.capitalize() for part in _parts(rng, words)),
    "word": lambda rng, words: _word(rng, words),
    "Word": lambda rng, words: _word(rng, words).capitalize(),
    "WORD": lambda rng, words: _word(rng, words).upper(),
    "words": lambda rng, words: words(rng, rng.randint(4, 24)).strip(".,;:"),
    "letter": lambda rng, words: rng.choice("abcdefghijkmnpqrstuvwxyz"),
    "LETTER": lambda rng, words: rng.choice(_CAPITALS),
    "few": lambda rng, words: str(rng.randrange(rng.choice((4, 10, 10, 32, 100)))),
    "int": lambda rng, words: str(rng.randrange(10 ** rng.randint(2, 8))),
    "four": lambda rng, words: str(rng.randrange(1000, 10000)),
    "five": lambda rng, words: str(rng.randrange(10000, 100000)),
    "amount": lambda rng, words: rng.choice(("{}", "{},5", "0,{}", "{}.25", "0.{}")).format(rng.randrange(100)),
    "sum": _sum,
    "hex": lambda rng, words: _some(rng, _HEX, rng.choice((2, 3, 6, 7, 8))),
    "hex2": lambda rng, words: _some(rng, _HEX, 2),
    "hex4": lambda rng, words: _some(rng, _HEX, 4),
    "hex8": lambda rng, words: _some(rng, _HEX, 8),
    "code": lambda rng, words: _some(rng, _CAPITALS + _DIGITS * 2, rng.randint(2, 7)),
    "date": lambda rng, words: f"{rng.randint(1990, 2030)}-{rng.randint(1, 12):02}-{rng.randint(1, 31):02}",
    "time": lambda rng, words: f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}",
    "type": lambda rng, words: rng.choice(_TYPES),
    "tag": lambda rng, words: rng.choice(_TAGS),
    "value": _value,
    "compare": lambda rng, words: rng.choice(("<", ">", "==", "!=", "<=", ">=")),
    "operator": lambda rng, words: rng.choice("+-*/%|&^"),
    "SUM": lambda rng, words: rng.choice(_SUMS),
    "domain": lambda rng, words: rng.choice(_DOMAINS),
    "file": lambda rng, words: f"{rng.choice('_-').join(_parts(rng, words))}.{rng.choice(_ENDS)}",
    "url": _url,
    "mail": _mail,
    "path": _path,
    "iban": _iban,
    "iban4": lambda rng, words: " ".join(re.findall(".{1,4}", _iban(rng, words))),
    "mrz": _mrz,
    "dots": lambda rng, words: rng.choice((".", ".", " .")) * rng.randint(3, 14),
    "line": lambda rng, words: "_" * rng.randint(3, 12),
    "spaced": _spaced,
    "raised": lambda rng, words: rng.choice(_RAISED),
    "lowered": lambda rng, words: rng.choice(_LOWERED),
    "roman": _roman,
    "'": lambda rng, words: rng.choice(_CURLY[:3] if rng.random() < 0.97 else _CURLY),
}
