"""The words of the field as enumerations: one Chinese term, one identifier.

The member's name is what files and tables store; its value is what people read.
Code compares members, never Chinese strings.
"""

from enum import Enum


class UnitKind(Enum):
    DEPARTMENT = "部门"
    STATIONED = "派驻机构"
    OVERSIGHT = "监督机关"
    BASE = "基地"
    TOWN = "镇"
    SUBDISTRICT = "街道"
    COORDINATING = "统筹机构"


class Group(Enum):
    """The groups within which units are compared and listed; never across."""

    DEPARTMENTS = "部门"
    BASES = "基地"
    TOWNS = "镇"
    SUBDISTRICTS = "街道"


GROUP_OF = {
    UnitKind.DEPARTMENT: Group.DEPARTMENTS,
    UnitKind.STATIONED: Group.DEPARTMENTS,
    UnitKind.OVERSIGHT: Group.DEPARTMENTS,
    UnitKind.COORDINATING: Group.DEPARTMENTS,
    UnitKind.BASE: Group.BASES,
    UnitKind.TOWN: Group.TOWNS,
    UnitKind.SUBDISTRICT: Group.SUBDISTRICTS,
}


class Duty(Enum):
    LEAD = "牵头"
    SUPPORT = "配合"
    LOCAL = "属地"


class RuleKind(Enum):
    """How a rule takes points off; the value is what data/criteria writes."""

    PER_FINDING = "per_finding"
    ONCE = "once"
    RATE = "rate"


class Comparison(Enum):
    """When a measured rate loses the points; the value is what data/criteria writes."""

    NOT_ABOVE = "not_above"
    BELOW = "below"


class Finding(Enum):
    """自查结论 on one rule."""

    COMPLIANT = "达标"
    HAS_PROBLEM = "存在问题"
    NOT_CHECKED = "未自查"
    NOT_APPLICABLE = "不涉及"


class ProgressStatus(Enum):
    NOT_STARTED = "未启动"
    IN_PROGRESS = "推进中"
    DONE = "已完成"
    NOT_OURS = "不属本单位职责"


class RectificationStatus(Enum):
    """整改状态; a unit may set the first three, only the office sets 已销号."""

    NOT_STARTED = "未整改"
    IN_PROGRESS = "整改中"
    CLAIMED_FIXED = "申请销号"
    CLOSED = "已销号"


class Discovery(Enum):
    """发现方式: how a problem came to light."""

    SELF_CHECK = "自查"
    EXPERT = "专家抽查"
    INSPECTION = "督查检查"
    HOTLINE = "12345热线"
    PUBLIC_REPORT = "群众举报"
    CITY_REVIEW = "市级评审"


class Severity(Enum):
    GENERAL = "一般"
    MAJOR = "较大"
    LISTED = "重大挂牌"


class Light(Enum):
    """亮灯 of progress; the value is shown beside the colour, never the colour alone."""

    ON_TRACK = "正常"
    DUE_SOON = "临期"
    BEHIND = "滞后"
    OVERDUE = "逾期"
    NOT_DUE = "未到期"


class Role(Enum):
    OFFICE = "创安办"
    UNIT = "填报人"
    LEADER = "区领导"
    EXPERT = "专家"
    ADMIN = "系统管理员"
    AUDITOR = "审计员"


class RoundState(Enum):
    OPEN = "填报中"
    CLOSED = "已截止"
    FROZEN = "已封存"


class ReviewState(Enum):
    PENDING = "待审核"
    ACCEPTED = "已通过"
    RETURNED = "已退回"
    SUPERSEDED = "已被新版替代"
    TAKEN_BACK = "已撤回"


class Sheet(Enum):
    """The sheets of a workbook that a unit fills; the value is the sheet's name."""

    PROGRESS = "工作进展"
    SELF_ASSESSMENT = "自评打分"
    RECTIFICATION = "问题整改"


class Judgement(Enum):
    """What the office says of one reported row."""

    ACCEPTED = "认可"
    CORRECTED = "更正"  # the office holds something else; both stay visible
    RETURNED = "退回"


class EvidenceOf(Enum):
    """What a piece of evidence is attached to."""

    WORK_POINT = "工作要点"
    RULE = "扣分条款"
    PROBLEM = "问题"
    SIGNED_PAGE = "签字页"  # of a submission: its number is the code


class ScopePolicy(Enum):
    """What becomes of the points of an indicator that does not apply to the district (不涉及)."""

    FULL = "计满分"
    RESCALE = "按比例折算"
