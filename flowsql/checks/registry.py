"""The rules: one line a rule. Each is a module of `flowsql.checks.rules`, imported when rules are first asked for."""

from functools import cache
from importlib import import_module

from flowsql.checks.rule import Loaded

RULES: tuple[str, ...] = (
    # 0xx the checks themselves
    "bad_ignore",
    "unused_ignore",
    # 1xx header and template
    "bad_header",
    "unknown_key",
    "bad_type",
    "default_does_not_fit",
    "undeclared_parameter",
    "trimming_tag",
    "bad_template",
    "unused_parameter",
    "quoted_placeholder",
    "columns_contract",
    "no_total_order",
    "no_cases",
    "unreached_branch",
    # 2xx read-only
    "not_a_select",
    "several_statements",
    "table_function",
    # 3xx grammar
    "not_sql",
    "reserved_word",
    "backticks",
    "leading_digit",
    "trailing_comma",
    "limit_order",
    "cast_sign",
    "foreign_comparison",
    "foreign_logic",
    "foreign_match",
    "interval_literal",
    "qualify",
    "group_by_all",
    "star_changes",
    "from_first",
    "distinct_on",
    "foreign_join",
    "lateral_view",
    "foreign_clause",
    "collection_literal",
    "foreign_operator",
    "text_as_name",
    "unknown_type",
    "function_form",
    "list_comparison",
    "foreign_placeholder",
    "bad_literal",
    "stray_character",
    "syntax",
    "engine_refuses",
    # 4xx names and types
    "not_flow_logs",
    "cte_hides_flow_logs",
    "reads_no_flow_logs",
    "unknown_column",
    "unknown_function",
    "wrong_arity",
    "ungrouped_column",
    "alias_before_select",
    "misplaced_aggregate",
    "mismatched_types",
    "address_as_text",
    "bad_position",
    "ambiguous_column",
    "not_a_condition",
    "set_operation",
    "compared_with_null",
    "time_pattern",
    "time_unit",
    "wrong_argument",
    # 5xx bounds
    "unbounded_scan",
    "misread_date",
    "empty_range",
    "engine_reads_all",
    # 6xx cost
    "select_star",
    "path_filter",
    "limit_is_no_bound",
    "cross_join",
    "join_fan_out",
    "exact_count",
    # 7xx what flow logs mean
    "counts_both_ends",
    "nat_by_traffic_path",
    "flags_compared",
    "reject_is_no_rule",
    "records_without_status",
    "tag_not_decoded",
    "amazon_dns",
    "threshold_per_record",
    "private_by_text",
    # 8xx DDL
    "ddl_reserved_word",
    "ddl_quotes",
    "ddl_name",
    "clause_order",
    "ddl_trailing_comma",
    "ddl_type",
    "ddl_syntax",
    "column_order",
    "header_skip",
    "parquet_header_skip",
    "partition_named_like_column",
    "projection_properties",
    "projection_digits",
    "projection_interval",
    "location_template",
    "location",
    "account_as_number",
    "partition_type",
    "dollar_escape",
    "dropped_region",
    "not_external",
    "field_delimiter",
    "parquet_column_name",
    "drops_partitions",
    # 9xx portability
    "bare_array",
    "athena_only",
    "clock",
    "unordered_aggregate",
    "timestamp_as_text",
    "athena_reserved_word",
)
"""Module names, by code."""


@cache
def all_rules() -> tuple[Loaded, ...]:
    """All rules, in the order of their codes."""
    modules = [import_module(f"flowsql.checks.rules.{name}") for name in RULES]
    loaded = [Loaded(module.RULE, module.check, module.__doc__ or "") for module in modules]
    return tuple(sorted(loaded, key=lambda each: each.rule.code))
