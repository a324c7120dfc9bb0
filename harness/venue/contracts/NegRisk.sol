// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NEG_RISK_ADAPTER, USDCE, WRAPPED_COLLATERAL} from "./Addresses.sol";
import {CollateralAdapter} from "./Adapter.sol";
import {Dollar} from "./Dollar.sol";
import {NegRiskMarkets} from "./NegRiskMarkets.sol";
import {WrappedCollateral} from "./WrappedCollateral.sol";

/// Positions of neg-risk markets for USDC.e. As at most one question of a market comes true, NO of several is worth YES
/// of all others and collateral: convertPositions changes the one for the other.
contract NegRiskAdapter is NegRiskMarkets {
    event PositionSplit(address indexed stakeholder, bytes32 indexed conditionId, uint256 amount);
    event PositionsMerge(address indexed stakeholder, bytes32 indexed conditionId, uint256 amount);
    event PositionsConverted(
        address indexed stakeholder, bytes32 indexed marketId, uint256 indexed indexSet, uint256 amount
    );
    event PayoutRedemption(address indexed redeemer, bytes32 indexed conditionId, uint256[] amounts, uint256 payout);

    error InvalidIndexSet();
    error LengthMismatch();
    error NoConvertiblePositions();

    /// Where converted NO goes and never comes back.
    address public constant NO_TOKEN_BURN_ADDRESS = address(bytes20(keccak256("NO_TOKEN_BURN_ADDRESS")));
    /// Where the fees of conversions go.
    address public constant vault = 0x7f67327E88c258932D7d8f72950bE0d46975E11D;
    WrappedCollateral private constant WRAPPED = WrappedCollateral(WRAPPED_COLLATERAL);

    function getPositionId(bytes32 questionId, bool outcome) public view returns (uint256) {
        return _position(WRAPPED_COLLATERAL, getConditionId(questionId), outcome ? YES : NO);
    }

    function splitPosition(bytes32 conditionId, uint256 amount) external {
        Dollar(USDCE).transferFrom(msg.sender, address(this), amount);
        WRAPPED.wrap(address(this), amount);
        TOKENS.splitPosition(WRAPPED_COLLATERAL, ROOT, conditionId, _partition(), amount);
        _moveBoth(address(this), msg.sender, conditionId, _pair(amount, amount));
        emit PositionSplit(msg.sender, conditionId, amount);
    }

    function mergePositions(bytes32 conditionId, uint256 amount) external {
        _moveBoth(msg.sender, address(this), conditionId, _pair(amount, amount));
        TOKENS.mergePositions(WRAPPED_COLLATERAL, ROOT, conditionId, _partition(), amount);
        WRAPPED.unwrap(msg.sender, amount);
        emit PositionsMerge(msg.sender, conditionId, amount);
    }

    /// Redeems so many shares of yes and of no: amounts, not index sets.
    function redeemPositions(bytes32 conditionId, uint256[] calldata amounts) external {
        if (amounts.length != 2) revert LengthMismatch();
        _moveBoth(msg.sender, address(this), conditionId, amounts);
        TOKENS.redeemPositions(WRAPPED_COLLATERAL, ROOT, conditionId, _partition());
        uint256 payout = WRAPPED.balanceOf(address(this));
        if (payout > 0) WRAPPED.unwrap(msg.sender, payout);
        emit PayoutRedemption(msg.sender, conditionId, amounts, payout);
    }

    /// Takes NO of each question of the index set (the lowest bit is the first question); gives YES of each other
    /// question and `amount` of USDC.e for each NO but one, less the market's fee.
    function convertPositions(bytes32 marketId, uint256 indexSet, uint256 amount) external {
        uint256 questions = getQuestionCount(marketId);
        if (questions < 2) revert NoConvertiblePositions();
        if (indexSet == 0 || indexSet >> questions != 0) revert InvalidIndexSet();
        if (amount == 0) return;
        (uint256[] memory taken, uint256[] memory given, uint256[] memory burnt) =
            _sides(marketId, indexSet, questions, amount);
        _moveAll(msg.sender, NO_TOKEN_BURN_ADDRESS, taken, amount);
        if (given.length > 0) {
            _moveAll(address(this), NO_TOKEN_BURN_ADDRESS, burnt, amount);
            _moveAll(address(this), msg.sender, given, amount);
        }
        _payOut(marketId, (taken.length - 1) * amount);
        emit PositionsConverted(msg.sender, marketId, indexSet, amount);
    }

    /// The NO that are taken; the YES that are given, made here out of nothing; and the NO that were made with them.
    function _sides(bytes32 marketId, uint256 indexSet, uint256 questions, uint256 amount)
        private
        returns (uint256[] memory taken, uint256[] memory given, uint256[] memory burnt)
    {
        uint256 nos;
        for (uint256 set = indexSet; set != 0; set &= set - 1) nos++;
        taken = new uint256[](nos);
        given = new uint256[](questions - nos);
        burnt = new uint256[](questions - nos);
        WRAPPED.mint((questions - nos) * amount);
        uint256 no;
        uint256 yes;
        for (uint256 index = 0; index < questions; index++) {
            bytes32 question = _question(marketId, index);
            if (indexSet >> index & 1 == 1) {
                taken[no++] = getPositionId(question, false);
            } else {
                TOKENS.splitPosition(WRAPPED_COLLATERAL, ROOT, getConditionId(question), _partition(), amount);
                given[yes] = getPositionId(question, true);
                burnt[yes++] = getPositionId(question, false);
            }
        }
    }

    function _payOut(bytes32 marketId, uint256 amount) private {
        uint256 fee = amount * getFeeBips(marketId) / FEE_WHOLE;
        if (amount > fee) WRAPPED.release(msg.sender, amount - fee);
        if (fee > 0) WRAPPED.release(vault, fee);
    }

    function _moveBoth(address from, address to, bytes32 conditionId, uint256[] memory amounts) private {
        TOKENS.safeBatchTransferFrom(from, to, _positions(WRAPPED_COLLATERAL, conditionId), amounts, "");
    }

    function _moveAll(address from, address to, uint256[] memory ids, uint256 amount) private {
        TOKENS.safeBatchTransferFrom(from, to, ids, _each(ids.length, amount), "");
    }
}

/// For neg-risk markets: what CtfCollateralAdapter is for the others, and conversions for pUSD.
contract NegRiskCtfCollateralAdapter is CollateralAdapter {
    NegRiskAdapter private constant NEG_RISK = NegRiskAdapter(NEG_RISK_ADAPTER);

    function convertPositions(bytes32 marketId, uint256 indexSet, uint256 amount) external {
        uint256 questions = NEG_RISK.getQuestionCount(marketId);
        uint256[] memory taken = _of(marketId, indexSet, questions, false);
        uint256[] memory given = _of(marketId, ~indexSet, questions, true);
        _moveShares(msg.sender, address(this), taken, _each(taken.length, amount));
        NEG_RISK.convertPositions(marketId, indexSet, amount);
        _moveShares(address(this), msg.sender, given, _each(given.length, amount));
        uint256 paid = Dollar(USDCE).balanceOf(address(this));
        if (paid > 0) _giveCollateral(paid);
    }

    function _of(bytes32 marketId, uint256 set, uint256 questions, bool outcome)
        private
        view
        returns (uint256[] memory ids)
    {
        uint256 count;
        for (uint256 index = 0; index < questions; index++) count += set >> index & 1;
        ids = new uint256[](count);
        uint256 place;
        for (uint256 index = 0; index < questions; index++) {
            if (set >> index & 1 == 1) ids[place++] = NEG_RISK.getPositionId(bytes32(uint256(marketId) + index), outcome);
        }
    }

    function _ids(bytes32 condition) internal view override returns (uint256[] memory) {
        return _positions(WRAPPED_COLLATERAL, condition);
    }

    function _split(bytes32 condition, uint256 amount) internal override {
        NEG_RISK.splitPosition(condition, amount);
    }

    function _merge(bytes32 condition, uint256 amount) internal override {
        NEG_RISK.mergePositions(condition, amount);
    }

    function _redeem(bytes32 condition, uint256[] memory held) internal override {
        NEG_RISK.redeemPositions(condition, held);
    }
}
