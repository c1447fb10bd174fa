# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Paper audit
#
# Papers print numbers that follow from other numbers that they print: a distance from two places, an
# RMSE from a mean square error, a mean from a table, a p-value from $R^2$ and the number of points, a
# date from another date, a layer's parameters from its shape. This page recomputes them for all five
# papers {cite}`yang2026,zhang2026,stmneqa,petrescu2022,xiong2022`. No data are needed, open or closed,
# but for three things: the places of two strain stations, which another of the five papers prints, the
# date of one earthquake, and the pole of the Earth's dipole.
#
# The printed tables and numbers are kept as they are printed, digit by digit, with the rules that
# apply to them. Each rule runs over the rows and columns that it names; what comes out is an item with
# a verdict and a sentence, and none is written by hand.
#
# **The rule.** A number printed as 2.68 may have been anything from 2.675 to 2.685. The formula is
# evaluated over all that its inputs may have been: at the ends or at all corners where it is monotone
# in each input, else by a bounded search from corners and middle. An item *holds* if the range that
# comes out meets the interval of the printed result: if any values within the printed digits satisfy
# the identity. Counts, dates, settings and limits are exact. So rounding alone can never make an item
# fail; a mild verdict is the price.
#
# - *does not hold*: no values within the printed digits do it;
# - *internally inconsistent*: the paper prints the quantity twice, and the two cannot be one;
# - *ambiguous*: the paper can be read in several ways, and only some hold;
# - *not checkable*: what it would follow from is not printed.

# %% tags=["parameters"]
slip = 1.0

# %%
from precursor_lib.evaluate.audit import audit
from precursor_lib.report import Page
from precursor_lib.report import paper_audit as shown

page = Page("paper_audit", globals())
page.banner()

# %%
found = audit()
items = shown.counted(found)

# %% [markdown]
# ## How many hold

# %% mystnb={"markdown_format": "myst"}
page.table(
    shown.count_table(items),
    "audit-counts",
    "Items by paper and verdict. The last column counts those that are also claims of the ledger, with the same verdict there.",
)

# %% mystnb={"figure": {"name": "audit-verdicts", "caption": "Items of the audit by paper and verdict, from printed numbers alone."}, "image": {"alt": "Five horizontal bars, one a paper, divided by verdict. In each the largest part holds. The bar of the TEC paper is the longest and has the largest part that does not hold."}}
shown.verdicts(items)

# %% [markdown]
# ## Which kinds of error occur
#
# A miss of up to one unit of the last printed digit may be a slip of rounding, or digits cut off. The
# others are not. A number that is printed with many digits misses by many units.

# %% mystnb={"markdown_format": "myst"}
page.table(
    shown.kind_table(items, slip),
    "audit-kinds",
    "Items that can be checked, by kind of check: how many neither hold nor agree, how many of these miss by no more than the slip, and in which papers they are.",
)

# %% mystnb={"figure": {"name": "audit-missed", "caption": "How far the items that do not hold miss, where the printed number is a rounded one. Not shown: names, dates, counts and limits. Misses of more than a million stand at a million."}, "image": {"alt": "Points by paper on a logarithmic axis from a hundredth to a million units of the last printed digit. Few lie left of one unit; most lie between ten and a thousand."}}
shown.misses(items, slip)

# %% [markdown]
# ## What does not hold
#
# Distances are geodesics on the WGS 84 ellipsoid; on a sphere they would differ by up to 0.3 %.
#
# ### SW-NTF, Madoi

# %% mystnb={"markdown_format": "myst"}
page.table(
    shown.wrong_table(items, "swntf", slip),
    "audit-swntf",
    "SW-NTF paper: items that do not hold, do not agree or depend on the reading. Missed by: units of the last printed digit.",
)

# %% [markdown]
# ### VMD-Pyraformer, Lushan
#
# The numbers of figure 12 come from a text in which they are scrambled; which number belongs to which
# fit is a reading, and what fails there may be the text's fault.

# %% mystnb={"markdown_format": "myst"}
page.table(
    shown.wrong_table(items, "lushan", slip),
    "audit-lushan",
    "VMD-Pyraformer paper: items that do not hold, do not agree or depend on the reading.",
)

# %% [markdown]
# ### STMN, Luding and Changning
#
# A line is the limit of a wide sigmoid, so that the best sigmoid never has a smaller $R^2$ than the
# best line: a Ratio below 1 says that a fit has not arrived.

# %% mystnb={"markdown_format": "myst"}
page.table(
    shown.wrong_table(items, "stmn", slip),
    "audit-stmn",
    "STMN paper: items that do not hold, do not agree or depend on the reading.",
)

# %% [markdown]
# ### CNN, European observatories

# %% mystnb={"markdown_format": "myst"}
page.table(
    shown.wrong_table(items, "cnn", slip),
    "audit-cnn",
    "Paper on European observatories: items that do not hold, do not agree or depend on the reading.",
)

# %% [markdown]
# ### ED-LSTME, Xinjiang
#
# Equation 4 defines $R^2$ as the square of the correlation, and few of the table's values are. All of
# them agree with the usual definition, one less the mean square error over the variance: then RMSE and
# $R^2$ of the models imply one variance of the observations at each place, and they do.

# %% mystnb={"markdown_format": "myst"}
page.table(
    shown.wrong_table(items, "tec", slip),
    "audit-tec",
    "ED-LSTME paper: items that do not hold, do not agree or depend on the reading.",
)

# %% [markdown]
# ## Beside the ledger
#
# Many items are claims of the ledger too ({doc}`/generated/claims`), where a tolerance takes the place
# of the interval. A test holds the two together: their verdicts agree but for these, which are not
# counted above.

# %% mystnb={"markdown_format": "myst"}
page.table(
    shown.apart_table(found),
    "audit-apart",
    "Items that the ledger decides by its own rule. Its verdict is the one that counts.",
)

# %% [markdown]
# ## Every item

# %% tags=["hide-output"] mystnb={"markdown_format": "myst"}
page.table(shown.full_table(items, "swntf", slip), "audit-swntf-all", "SW-NTF paper: every item.")

# %% tags=["hide-output"] mystnb={"markdown_format": "myst"}
page.table(
    shown.full_table(items, "lushan", slip), "audit-lushan-all", "VMD-Pyraformer paper: every item."
)

# %% tags=["hide-output"] mystnb={"markdown_format": "myst"}
page.table(shown.full_table(items, "stmn", slip), "audit-stmn-all", "STMN paper: every item.")

# %% tags=["hide-output"] mystnb={"markdown_format": "myst"}
page.table(
    shown.full_table(items, "cnn", slip),
    "audit-cnn-all",
    "Paper on European observatories: every item.",
)

# %% tags=["hide-output"] mystnb={"markdown_format": "myst"}
page.table(shown.full_table(items, "tec", slip), "audit-tec-all", "ED-LSTME paper: every item.")

# %% [markdown]
# ## What this shows
#
# Most items hold; percentages and sizes of layers all follow from their own tables. What fails falls
# into few kinds: numbers and names that are printed twice and differ, an equation for $R^2$ that most
# of a table does not follow, distances of stations, dates and spans of days, and fits and regressions
# that do not follow from the table that they describe. Most of these miss by far more than rounding
# could explain.
#
# What it does not say: that a number that holds is right, for two wrong numbers can agree, and a wide
# interval agrees with much; that a paper with fewer failures is better, since the papers print
# different amounts, and one wrong equation can fail a whole table; nor why a number is wrong. Items
# share inputs, so that they are no independent trials, and their shares are no rates of error. Whether
# the methods find anything is another question, which the pages on noise and recovery take up.
#
# It would change with another text of a paper: digits lost in the copy that was at hand are errors
# here, and scrambled ones above all.

# %% tags=["nbval-ignore-output"]
page.provenance()
